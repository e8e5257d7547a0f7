import type { Plan, PlanItem, Risk } from '../../src/state/operations.js';
import { count } from '../../src/text/amount.js';
import { type Line, line, type Tone } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';
import { inputLine } from '../frame/footer-line.js';
import type { Asks } from '../hooks/use-operation.js';
import type { TextInput } from '../text-input.js';
import { planTableLines } from './plan-table.js';

/** The plan: what stands in its way, what to know, each change with its exact request or command, how to take it back and what will prove it. */
export function planLines(plan: Plan, width: number): readonly Line[] {
  return [
    ...plan.blockers.flatMap((text) => told('✗', 'bad', text, width)),
    ...plan.warnings.flatMap((text) => told('!', 'warn', text, width)),
    ...(plan.blockers.length + plan.warnings.length > 0 ? [[]] : []),
    ...(plan.table === undefined ? everyItem(plan, width) : [...planTableLines(plan.table, width), ...exampleLines(plan, width)]),
    [],
    ...labelled('done when', plan.goal, width),
    ...labelled('undo', plan.undo ?? 'cannot be taken back', width),
  ];
}

function everyItem({ items }: Plan, width: number): readonly Line[] {
  return [
    ...items.slice(0, mostItems).flatMap((item) => itemLines(item, width)),
    ...(items.length > mostItems ? [line(['dim', `… and ${count(items.length - mostItems)} more of the same kind`])] : []),
  ];
}

/** The first exact request, for all that are like it. */
function exampleLines({ items: [first, ...others] }: Plan, width: number): readonly Line[] {
  if (first === undefined) return [];
  return wrap(`${first.exact}${others.length === 0 ? '' : `   and ${count(others.length)} like it`}`, width).map((text) => line(['dim', text]));
}

/** What keeps a plan from being made. */
export function refusedLines(why: string, width: number): readonly Line[] {
  return [...told('!', 'warn', why, width), [], line(['dim', 'Nothing was changed. esc goes back.'])];
}

/** What a person has to do for it to run. */
export function confirmLines(
  { plan, asks, problem, starting }: { readonly plan: Plan; readonly asks: Asks; readonly problem: string | null; readonly starting: boolean },
  typed: TextInput | null,
  width: number,
): readonly Line[] {
  const trouble = problem === null ? [] : told('✗', 'bad', problem, width);
  if (starting) return [...trouble, line(['dim', 'starting …'])];
  const [asked] = asks;
  if (asked !== undefined) {
    if (typed === null) return [...trouble, line(['accent', 'enter'], `, then type the ${asked.label}`, ['dim', asked.secret ? '; it is kept nowhere' : ''])];
    return [...trouble, line(`${asked.label}: `, asked.secret ? ['strong', '•'.repeat(Array.from(typed.text).length)] : inputLine(typed))];
  }
  if (plan.blockers.length > 0) return [...trouble, line(['bad', 'cannot be done as things are'], ['dim', '   esc goes back'])];
  const why = wrap(`${plan.risk}: ${riskWords[plan.risk]}`, width).map((text) => line([riskTones[plan.risk], text]));
  if (plan.risk !== 'destructive')
    return [...trouble, ...why, line(['accent', plan.risk === 'safe' ? 'enter' : 'y'], ' does it', ['dim', '   esc leaves all as it is'])];
  if (typed === null) return [...trouble, ...why, line(['accent', 'enter'], ', then type ', ['strong', plan.confirmName])];
  return [...trouble, ...why, line('type ', ['strong', plan.confirmName], ': ', inputLine(typed))];
}

const mostItems = 200;

/** How much is at stake, in a colour and in words. */
export const riskTones: Readonly<Record<Risk, Tone>> = { safe: 'good', disruptive: 'warn', destructive: 'bad', 'needs-reboot': 'warn' };

export const riskWords: Readonly<Record<Risk, string>> = {
  safe: 'nothing that runs is touched',
  disruptive: 'something is restarted or kept from being scheduled for a while',
  destructive: 'what is gone does not come back',
  'needs-reboot': 'takes effect at the next boot',
};

function itemLines({ text, exact }: PlanItem, width: number): readonly Line[] {
  const said = wrap(text, width - 2).map((part, index) => line(index === 0 ? ['accent', '› '] : '  ', part));
  return [...said, ...wrap(exact, width - 4).map((part) => line('    ', ['dim', part]))];
}

function told(sign: string, tone: Tone, text: string, width: number): readonly Line[] {
  return wrap(text, width - 2).map((part, index) => line(index === 0 ? [tone, `${sign} `] : '  ', part));
}

function labelled(name: string, text: string, width: number): readonly Line[] {
  const indent = 11;
  return wrap(text, width - indent).map((part, index) => line(['dim', (index === 0 ? name : '').padEnd(indent)], part));
}
