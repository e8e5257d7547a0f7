import type { Cause, CheckReport, CheckStatus, Finding, Verdict } from '../state/report.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { fitLine, type Line, line, lineWidth, type Tone } from '../text/line.js';
import { wrap } from '../text/width.js';
import { recoveryLines } from './recovery-lines.js';

/**
 * The report as a page of at most 100 columns: the verdict, each cause with its fix and what follows from it, what could not be seen, the way back of nodes that were
 * rebooted, and one paragraph for all that is well. Where the cluster was not reached, only what the machines themselves say. Only commands may be longer, so that they
 * can be copied.
 */
export function checkText(snapshot: ClusterSnapshot, report: CheckReport): readonly Line[] {
  const follows = new Set(report.causes.flatMap((cause) => cause.follows));
  const unknown = report.findings.filter((finding) => finding.status === 'unknown' && !follows.has(finding));
  const isReached = snapshot.connection.status === 'connected';
  return [
    verdictLine(snapshot, report),
    ...(isReached ? report.causes : saidByMachines(report)).flatMap(({ finding, follows }) => [line(), ...causeLines(finding, follows)]),
    ...(isReached && unknown.length > 0 ? [line(), ...unknownLines(unknown)] : []),
    ...wayBack(snapshot),
    ...(isReached ? [line(), ...wellLines(report)] : []),
  ];
}

/** While the API server is silent, its own checks say nothing new. */
function saidByMachines({ causes }: CheckReport): readonly Cause[] {
  return causes.filter(({ finding }) => finding.id !== 'apiserver-ready');
}

function wayBack({ at, recovery }: ClusterSnapshot): readonly Line[] {
  return (recovery.value?.nodes ?? []).flatMap((node) => [line(), ...recoveryLines(node, at).map((row) => fitted(row))]);
}

function fitted(row: Line): Line {
  return lineWidth(row) > width ? fitLine(row, width) : row;
}

const width = 100;
const marks: Readonly<Record<CheckStatus, string>> = { pass: '✓', warn: '!', fail: '✗', unknown: '?', skipped: '·' };
const tones: Readonly<Record<CheckStatus, Tone>> = { pass: 'good', warn: 'warn', fail: 'bad', unknown: 'accent', skipped: 'dim' };
const verdicts: Readonly<Record<Verdict, { readonly mark: string; readonly tone: Tone; readonly says: string }>> = {
  good: { mark: '✓', tone: 'good', says: 'good: everything came back' },
  degraded: { mark: '!', tone: 'warn', says: 'degraded: it works, with warnings' },
  failed: { mark: '✗', tone: 'bad', says: 'failed: not everything came back' },
  unknown: { mark: '?', tone: 'accent', says: 'unknown: too little could be seen to say' },
};

function verdictLine({ connection }: ClusterSnapshot, { verdict, causes }: CheckReport): Line {
  const { mark, tone, says } = verdicts[verdict];
  const where =
    connection.status === 'unconfigured' || connection.status === 'unusable' ? [] : [connection.context, connection.server.replace(/^https?:\/\//, '')];
  const version = connection.status === 'connected' && connection.version !== null ? [connection.version] : [];
  const consequences = causes.reduce((sum, cause) => sum + cause.follows.length, 0);
  const number =
    causes.length === 0 || verdict === 'unknown'
      ? ''
      : ` (${plural(causes.length, 'cause')}${consequences === 0 ? '' : `, ${plural(consequences, 'consequence')}`})`;
  return line(
    [tone, `${mark} `],
    ['strong', `${says}${number}`],
    [
      'dim',
      [...where, ...version]
        .filter((part) => part !== '')
        .map((part) => `  ${part}`)
        .join(''),
    ],
  );
}

function causeLines(finding: Finding, follows: readonly Finding[]): readonly Line[] {
  const tone = tones[finding.status];
  const [first = '', ...rest] = wrap(`${finding.message}  [${finding.id}]`, width - 2);
  return [
    line([tone, `${marks[finding.status]} `], ['strong', first]),
    ...rest.map((text) => line('  ', ['strong', text])),
    ...labelled(
      'seen',
      (finding.evidence ?? []).flatMap(({ source, text }) => wrap(`${source}: ${text}`, width - indent)),
    ),
    ...(finding.fix === null ? [] : labelled('fix', wrap(finding.fix.summary, width - indent))),
    ...(finding.fix?.command == null ? [] : [line(' '.repeat(indent), ['accent', `$ ${finding.fix.command}`])]),
    ...labelled('follows', follows.slice(0, mostFollows).flatMap(followText)),
    ...(follows.length > mostFollows ? [line(' '.repeat(indent), ['dim', `and ${follows.length - mostFollows} more`])] : []),
  ];
}

const indent = 11;
const mostFollows = 12;

function followText(finding: Finding): readonly string[] {
  const [first = '', ...rest] = wrap(finding.message, width - indent - 2);
  return [`${marks[finding.status]} ${first}`, ...rest.map((text) => `  ${text}`)];
}

function labelled(label: string, texts: readonly string[]): readonly Line[] {
  return texts.map((text, index) => line(['dim', `  ${(index === 0 ? label : '').padEnd(indent - 2)}`], text));
}

/** What could not be seen, the same reason said once for all checks that it stopped. */
function unknownLines(findings: readonly Finding[]): readonly Line[] {
  const byReason = new Map<string, string[]>();
  for (const finding of findings) byReason.set(finding.message, [...(byReason.get(finding.message) ?? []), finding.id]);
  return [...byReason].flatMap(([message, ids]) => {
    const [first = '', ...rest] = wrap(`${message}  [${[...new Set(ids)].join(', ')}]`, width - 2);
    return [line(['accent', '? '], `${first}`), ...rest.map((text) => line('  ', text))];
  });
}

/** `✓ 24 passed: apiserver-ready, node-ready ×3, …` and the same for what does not apply here. */
function wellLines({ findings, counts }: CheckReport): readonly Line[] {
  return (['pass', 'skipped'] as const).flatMap((status) => {
    if (counts[status] === 0) return [];
    const amounts = new Map<string, number>();
    for (const finding of findings) if (finding.status === status) amounts.set(finding.id, (amounts.get(finding.id) ?? 0) + 1);
    const names = [...amounts].map(([id, amount]) => (amount === 1 ? id : `${id} ×${amount}`)).join(', ');
    const [first = '', ...rest] = wrap(`${counts[status]} ${status === 'pass' ? 'passed' : 'skipped'}: ${names}`, width - 2);
    return [line([tones[status], `${marks[status]} `], ['dim', first]), ...rest.map((text) => line('  ', ['dim', text]))];
  });
}

function plural(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
