import type { ScaleForecast, ScaleOutlook } from '../../../src/state/scaling.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { clause, counted, listed } from '../../../src/text/wording.js';
import { inputLine } from '../../frame/footer-line.js';
import type { TextInput } from '../../text-input.js';

/** The question, with what is offered as an answer. */
export function questionLines(outlook: ScaleOutlook, input: TextInput, pinned: boolean, width: number): readonly Line[] {
  const { targets, presets, lastUsed } = outlook;
  const now = targets.length === 1 ? `from ${count(targets[0]?.replicas ?? 0)} to ` : 'each to ';
  const offered = [...presets.map(({ name, replicas }) => `${name} ${count(replicas)}`), ...(lastUsed === null ? [] : [`last ${count(lastUsed)}`])];
  const scaled = targets.flatMap(({ autoscalers }) => autoscalers);
  return [
    line(now, inputLine(input), ' replicas'),
    ...wrap(`offered: ${offered.join(' · ')}  (tab goes round)`, width).map((text) => line(['dim', text])),
    ...(scaled.length === 0
      ? []
      : [
          line(
            [pinned ? 'good' : 'dim', pinned ? '✓ ' : '· '],
            ['accent', 'a'],
            pinned ? ' autoscaler held at that number first' : ` holds ${listed(scaled.map(({ name }) => name))} at that number first`,
          ),
        ]),
  ];
}

/** What comes of the typed number, workload by workload. */
export function foretoldLines(forecasts: readonly ScaleForecast[], width: number): readonly Line[] {
  return forecasts.flatMap((forecast) => oneForetold(forecast, width));
}

function oneForetold(forecast: ScaleForecast, width: number): readonly Line[] {
  const { target, from, to, ready, pending, pendingWhy, notCreated, notCreatedWhy, failing, failingWhy, placed, leaving, unknown, warnings } = forecast;
  const whole = ready === to;
  const told = (sign: '✓' | '✗' | '!' | '·', tone: 'good' | 'bad' | 'warn' | 'dim', text: string) =>
    wrap(text, width - 2).map((part, index) => line([tone, index === 0 ? `${sign} ` : '  '], part));
  // The warnings begin with the forecast itself where not all of it will run: that stands above them already.
  const others = whole ? warnings : warnings.slice(1);
  return [
    line(['strong', `${target.kind.toLowerCase()} ${target.namespace}/${target.name}`], ['dim', `  ${count(from)} → ${count(to)}`]),
    ...(unknown === null
      ? told(
          whole ? '✓' : '!',
          whole ? 'good' : 'warn',
          to === 0 ? 'no pod is left' : `${count(ready ?? 0)} of ${counted(to, 'pod')} Ready${placedWords(placed)}`,
        )
      : told('!', 'warn', `cannot be foretold: ${unknown}`)),
    ...(pending === 0 ? [] : told('✗', 'bad', `${count(pending)} Pending: ${clause(pendingWhy ?? '')}`)),
    ...(notCreated === 0 ? [] : told('✗', 'bad', `${count(notCreated)} not created: ${clause(notCreatedWhy ?? '')}`)),
    ...(failing === 0 ? [] : told('✗', 'bad', `${count(failing)} not ready: ${failingWhy ?? ''}`)),
    ...(leaving.length === 0 ? [] : told('·', 'dim', `${leaving.length === 1 ? 'goes' : 'go'}: ${listed(leaving, 6)}`)),
    ...others.flatMap((text) => told('!', 'warn', text)),
    [],
  ];
}

function placedWords(placed: ReadonlyMap<string, number>): string {
  if (placed.size === 0) return '';
  return `; new ones: ${listed(
    [...placed].map(([node, pods]) => `${count(pods)} on ${node}`),
    6,
  )}`;
}
