import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { checkTypes } from './check-types.js';
import { ParseError } from './errors.js';
import type { Aggregation, BinaryOperation, Expression, Shift, VectorMatching } from './expression.js';
import { parseNumber, parseString } from './literals.js';
import { durationOf, noShift, selectorOf } from './parse-selector.js';

/**
 * Reads a PromQL expression with Prometheus' own grammar and checks the types of its parts, so that evaluating it can only
 * fail on the data. Throws ParseError with a message as Prometheus words it.
 */
export function parse(query: string): Expression {
  if (query.trim() === '') throw new ParseError(query, 0, 'no expression found in input');
  const tree = parser.parse(query);
  const broken = firstError(tree);
  if (broken !== null) throw syntaxError(query, broken);
  const root = tree.topNode.firstChild;
  if (root === null) throw new ParseError(query, 0, 'no expression found in input');
  const expression = read(query, root);
  checkTypes(query, expression);
  return expression;
}

/** Reads a series selector such as `up{job="x"}`, as match[] parameters carry it; throws ParseError. */
export function parseSelector(query: string): Extract<Expression, { type: 'selector' }> {
  const expression = parse(query);
  if (expression.type !== 'selector') throw new ParseError(query, 0, 'unexpected expression, expected a series selector');
  return expression;
}

function read(query: string, node: SyntaxNode): Expression {
  switch (node.name) {
    case 'ParenExpr':
      return read(query, child(query, node, 0));
    case 'NumberDurationLiteral':
      return { type: 'number', value: parseNumber(textOf(query, node)) ?? fail(query, node, `bad number or duration syntax: ${textOf(query, node)}`) };
    case 'StringLiteral':
      return { type: 'string', value: parseString(textOf(query, node)) ?? fail(query, node, `invalid or unterminated string ${textOf(query, node)}`) };
    case 'VectorSelector':
      return selectorOf(query, node);
    case 'MatrixSelector':
      return readMatrix(query, node);
    case 'SubqueryExpr':
      return readSubquery(query, node);
    case 'OffsetExpr':
      return shifted(query, node, { ...noShift, offset: durationOf(query, child(query, node, 2)) });
    case 'StepInvariantExpr':
      return shifted(query, node, { ...noShift, at: anchorOf(query, child(query, node, 2)) });
    case 'UnaryExpr':
      return textOf(query, child(query, node, 0)) === '-' ? negate(read(query, child(query, node, 1))) : read(query, child(query, node, 1));
    case 'BinaryExpr':
      return readBinary(query, node);
    case 'FunctionCall':
      return { type: 'call', name: textOf(query, child(query, node, 0)), args: argumentsOf(query, child(query, node, 1)) };
    case 'AggregateExpr':
      return readAggregation(query, node);
    default:
      return fail(query, node, `${node.name} is not supported`);
  }
}

function readMatrix(query: string, node: SyntaxNode): Expression {
  const selector = read(query, child(query, node, 0));
  if (selector.type !== 'selector') return fail(query, node, 'ranges only allowed for vector selectors');
  return { type: 'matrix', selector, range: durationOf(query, child(query, node, 1)) };
}

function readSubquery(query: string, node: SyntaxNode): Expression {
  const step = childrenOf(node)[2];
  return {
    type: 'subquery',
    inner: read(query, child(query, node, 0)),
    range: durationOf(query, child(query, node, 1)),
    step: step === undefined ? null : durationOf(query, step),
    shift: noShift,
  };
}

function shifted(query: string, node: SyntaxNode, shift: Shift): Expression {
  const parenthesised = child(query, node, 0).name === 'ParenExpr';
  return parenthesised ? refuseShift(query, node, shift) : shiftedExpression(query, node, read(query, child(query, node, 0)), shift);
}

function shiftedExpression(query: string, node: SyntaxNode, inner: Expression, shift: Shift): Expression {
  // The grammar hangs a modifier over all that stands before it; it belongs to the last operand.
  if (inner.type === 'binary') return { ...inner, right: shiftedExpression(query, node, inner.right, shift) };
  if (inner.type === 'negation') return { ...inner, inner: shiftedExpression(query, node, inner.inner, shift) };
  const merge = (old: Shift): Shift => ({ offset: shift.offset || old.offset, at: shift.at ?? old.at });
  if (inner.type === 'selector' || inner.type === 'subquery') return { ...inner, shift: merge(inner.shift) };
  if (inner.type === 'matrix') return { ...inner, selector: { ...inner.selector, shift: merge(inner.selector.shift) } };
  return refuseShift(query, node, shift);
}

function refuseShift(query: string, node: SyntaxNode, shift: Shift): never {
  const modifier = shift.at === null ? 'offset' : '@';
  return fail(query, node, `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`);
}

function anchorOf(query: string, node: SyntaxNode): Shift['at'] {
  if (node.name === 'AtModifierPreprocessors') return node.firstChild?.name === 'AtStart' ? 'start' : 'end';
  return parseNumber(textOf(query, node)) ?? fail(query, node, 'timestamp expected after @ modifier');
}

function readBinary(query: string, node: SyntaxNode): Expression {
  const parts = childrenOf(node);
  const leftNode = child(query, node, 0);
  const left = read(query, leftNode);
  const right = read(query, child(query, node, parts.length - 1));
  const op = textOf(query, child(query, node, 1));
  const clause = parts.find((part) => part.name === 'MatchingModifierClause');
  const unsupported = parts.find((part) => part.name === 'FillModifier');
  if (unsupported !== undefined) return fail(query, unsupported, 'fill modifiers are not supported');
  const operation: BinaryOperation = {
    type: 'binary',
    op: op.toLowerCase(),
    left,
    right,
    bool: parts.some((part) => part.name === 'BoolModifier'),
    matching: clause === undefined ? { on: false, labels: [], card: 'one-to-one', include: [] } : matchingOf(query, clause),
  };
  // `-2^2` is -(2^2): a power binds tighter than the sign that the grammar's number literal has taken in.
  if (op === '^' && left.type === 'number' && textOf(query, leftNode).startsWith('-')) {
    return negate({ ...operation, left: { type: 'number', value: -left.value } });
  }
  return operation;
}

function matchingOf(query: string, clause: SyntaxNode): VectorMatching {
  const parts = childrenOf(clause);
  const lists = parts.filter((part) => part.name === 'GroupingLabels').map((part) => groupingOf(query, part));
  const card = parts.some((part) => part.name === 'GroupLeft')
    ? 'many-to-one'
    : parts.some((part) => part.name === 'GroupRight')
      ? 'one-to-many'
      : 'one-to-one';
  return { on: parts[0]?.name === 'On', labels: lists[0] ?? [], card, include: lists[1] ?? [] };
}

function readAggregation(query: string, node: SyntaxNode): Aggregation {
  const parts = childrenOf(node);
  const op = textOf(query, child(query, node, 0)).toLowerCase();
  const modifier = parts.find((part) => part.name === 'AggregateModifier');
  const body = parts.find((part) => part.name === 'FunctionCallBody') ?? node;
  const args = argumentsOf(query, body);
  const wanted = ['topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio'].includes(op) ? 2 : 1;
  const inner = args.at(-1);
  if (inner === undefined || args.length !== wanted) {
    return fail(query, node, `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`);
  }
  const labels = modifier?.getChild('GroupingLabels') ?? null;
  return {
    type: 'aggregation',
    op,
    parameter: wanted === 2 ? (args[0] ?? null) : null,
    inner,
    grouping: labels === null ? [] : groupingOf(query, labels),
    without: modifier?.firstChild?.name === 'Without',
  };
}

function groupingOf(query: string, node: SyntaxNode): string[] {
  return childrenOf(node).map((label) => {
    const text = textOf(query, label);
    return label.name === 'QuotedLabelName' ? (parseString(text) ?? text) : text;
  });
}

function argumentsOf(query: string, body: SyntaxNode): Expression[] {
  return childrenOf(body).map((argument) => read(query, argument));
}

function negate(inner: Expression): Expression {
  return inner.type === 'number' ? { type: 'number', value: -inner.value } : { type: 'negation', inner };
}

function firstError(tree: Tree): SyntaxNode | null {
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) return cursor.node;
  } while (cursor.next());
  return null;
}

function syntaxError(query: string, node: SyntaxNode): ParseError {
  const from = node.from + (query.slice(node.from).match(/^\s*/)?.[0].length ?? 0);
  const name = query.slice(0, from).match(/([a-zA-Z_:][\w:]*)\s*$/)?.[1];
  if (query[from] === '(' && name !== undefined) return new ParseError(query, from - name.length, `unknown function with name ${JSON.stringify(name)}`);
  if (from >= query.length) return new ParseError(query, query.length, 'unexpected end of input');
  const token = query.slice(from).match(/^(?:[\w:.]+|.)/s)?.[0] ?? '';
  return new ParseError(query, from, `unexpected ${/^[a-zA-Z_]/.test(token) ? `identifier ${JSON.stringify(token)}` : JSON.stringify(token)}`);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let next = node.firstChild; next !== null; next = next.nextSibling) if (next.name !== 'LineComment') children.push(next);
  return children;
}

function child(query: string, node: SyntaxNode, index: number): SyntaxNode {
  return childrenOf(node)[index] ?? fail(query, node, 'unexpected end of expression');
}

function textOf(query: string, node: SyntaxNode): string {
  return query.slice(node.from, node.to);
}

function fail(query: string, node: SyntaxNode, what: string): never {
  throw new ParseError(query, node.from, what);
}
