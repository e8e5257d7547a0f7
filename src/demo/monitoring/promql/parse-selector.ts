import type { SyntaxNode } from '@lezer/common';
import { ParseError } from './errors.js';
import type { Matcher, Selector, Shift } from './expression.js';
import { parseNumber, parseString } from './literals.js';

export const noShift: Shift = { offset: 0, at: null };

/** A VectorSelector node as our selector; the metric's name becomes a matcher on `__name__`. */
export function selectorOf(query: string, node: SyntaxNode): Selector {
  const name = node.getChild('Identifier');
  const braces = node.getChild('LabelMatchers');
  const matchers = braces === null ? [] : matchersOf(query, braces);
  if (name !== null) matchers.unshift(matcher('__name__', '=', query.slice(name.from, name.to)));
  if (matchers.every((each) => each.matches(''))) {
    throw new ParseError(query, node.from, 'vector selector must contain at least one non-empty matcher');
  }
  return { type: 'selector', matchers, shift: noShift };
}

/** One matcher; an invalid regular expression throws SyntaxError. */
export function matcher(label: string, op: Matcher['op'], value: string): Matcher {
  return { label, op, value, matches: predicate(op, value) };
}

/** Seconds of a DurationExpr or OffsetDurationExpr: a literal, a sign, or arithmetic on them. */
export function durationOf(query: string, node: SyntaxNode): number {
  if (node.name === 'NumberDurationLiteralInDurationContext') {
    const seconds = parseNumber(query.slice(node.from, node.to));
    if (seconds === null) throw new ParseError(query, node.from, 'bad number or duration syntax');
    return seconds;
  }
  const first = node.firstChild;
  if (first === null) throw new ParseError(query, node.from, 'bad number or duration syntax');
  if (first.nextSibling === null) return durationOf(query, first);
  if (first.name === 'UnaryOp') return (query[first.from] === '-' ? -1 : 1) * durationOf(query, first.nextSibling);
  const right = first.nextSibling.nextSibling;
  if (right === null) throw new ParseError(query, node.from, 'bad number or duration syntax');
  return arithmetic(query, first.nextSibling, durationOf(query, first), durationOf(query, right));
}

function matchersOf(query: string, braces: SyntaxNode): Matcher[] {
  const matchers: Matcher[] = [];
  for (let node = braces.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'QuotedLabelName') matchers.push(matcher('__name__', '=', stringOf(query, node)));
    else if (node.name.endsWith('LabelMatcher')) matchers.push(matcherOf(query, node));
  }
  return matchers;
}

function matcherOf(query: string, node: SyntaxNode): Matcher {
  const [label, op, value] = [node.firstChild, node.getChild('MatchOp'), node.lastChild];
  if (label === null || op === null || value === null) throw new ParseError(query, node.from, 'unexpected end of label matching');
  const name = label.name === 'LabelName' ? query.slice(label.from, label.to) : stringOf(query, label);
  const operator = operators.find((each) => each === query.slice(op.from, op.to)) ?? '=';
  try {
    return matcher(name, operator, stringOf(query, value));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ParseError(query, node.from, `error parsing regexp: ${error.message}`);
    throw error;
  }
}

const operators = ['=~', '!~', '!=', '='] as const;

function stringOf(query: string, node: SyntaxNode): string {
  const value = parseString(query.slice(node.from, node.to));
  if (value === null) throw new ParseError(query, node.from, 'invalid or unterminated string');
  return value;
}

function predicate(op: Matcher['op'], value: string): (text: string) => boolean {
  if (op === '=') return (text) => text === value;
  if (op === '!=') return (text) => text !== value;
  const regex = anchored(value);
  return op === '=~' ? (text) => regex.test(text) : (text) => !regex.test(text);
}

/** RE2 as Prometheus uses it: anchored at both ends, the dot matching everything; `(?i)` at the start is JavaScript's flag. */
export function anchored(pattern: string): RegExp {
  const insensitive = pattern.startsWith('(?i)');
  const source = (insensitive ? pattern.slice(4) : pattern).replaceAll('(?P<', '(?<');
  return new RegExp(`^(?:${source})$`, insensitive ? 'is' : 's');
}

function arithmetic(query: string, op: SyntaxNode, left: number, right: number): number {
  switch (query.slice(op.from, op.to)) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    default:
      return left ** right;
  }
}
