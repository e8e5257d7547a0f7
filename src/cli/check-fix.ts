import type { Session } from '../session.js';
import type { OperationRef, OperationRun, Plan, Risk } from '../state/operations.js';
import type { CheckReport, Finding } from '../state/report.js';
import { duration } from '../text/age.js';
import { count } from '../text/amount.js';
import { clockTime } from '../text/moment.js';
import { reportIn } from './check-report.js';
import { reportRenewed, reportSettled } from './machines-looked.js';
import type { Output } from './output.js';

export interface FixOptions {
  /** `safe` runs what touches nothing that runs; `disruptive` also what restarts something. Nothing else is ever run from here. */
  readonly upTo: 'safe' | 'disruptive';
  /** Without it the plans are only told. */
  readonly yes: boolean;
  readonly only: string | null;
  /** Ends it: what runs is cancelled, nothing further begins. */
  readonly signal: AbortSignal;
}

/** What became of one finding's fix. */
export interface FixOutcome {
  readonly check: string;
  readonly object: string;
  readonly operation: OperationRef;
  readonly title: string | null;
  readonly risk: Risk | null;
  /** The exact requests and commands. */
  readonly plan: readonly string[];
  /** planned: would be run with --yes. left: riskier than allowed. blocked: cannot be done as things are. */
  readonly result: 'planned' | 'left' | 'blocked' | 'done' | 'failed' | 'cancelled';
  readonly said: string | null;
}

/**
 * Runs the fixes of the report one by one, root causes first, each announced on stderr with its exact commands. What only follows from a cause that was mended, or that
 * somebody has to decide about first, is left to heal by itself. Never runs a fix twice.
 */
export async function runFixes(session: Session, options: FixOptions, out: Output): Promise<readonly FixOutcome[]> {
  const outcomes = new Map<string, FixOutcome>();
  for (;;) {
    const finding = options.signal.aborted ? undefined : nextToFix(reportIn(session.snapshot(), options.only), outcomes);
    const operation = finding?.fix?.operation;
    if (finding === undefined || operation === undefined) break;
    const outcome = await fixOne(session, finding, operation, options, out);
    outcomes.set(keyOf(operation), outcome);
    if (outcome.result !== 'done') continue;
    await reportRenewed(session);
    // What followed from it may need a moment to go away.
    if (openCauses(reportIn(session.snapshot(), options.only), outcomes).length === 0) await reportSettled(session, 3_000, 30_000);
  }
  const all = [...outcomes.values()];
  const planned = all.filter(({ result }) => result === 'planned').length;
  if (planned > 0) out.stderr(`nothing was changed: --yes runs ${planned === 1 ? 'the fix' : `the ${planned} fixes`} above\n`);
  else if (all.length === 0) out.stderr('no finding has a fix that can be run from here\n');
  return all;
}

function nextToFix(report: CheckReport, outcomes: ReadonlyMap<string, FixOutcome>): Finding | undefined {
  const [cause] = openCauses(report, outcomes);
  if (cause !== undefined) return cause;
  return report.causes
    .filter(({ finding }) => !isDealtWith(finding, outcomes))
    .flatMap(({ follows }) => follows)
    .find((finding) => isOpen(finding, outcomes));
}

function openCauses(report: CheckReport, outcomes: ReadonlyMap<string, FixOutcome>): readonly Finding[] {
  return report.causes.map(({ finding }) => finding).filter((finding) => isOpen(finding, outcomes));
}

function isOpen({ status, fix }: Finding, outcomes: ReadonlyMap<string, FixOutcome>): boolean {
  return (status === 'fail' || status === 'warn') && fix?.operation !== undefined && !outcomes.has(keyOf(fix.operation));
}

function isDealtWith({ fix }: Finding, outcomes: ReadonlyMap<string, FixOutcome>): boolean {
  const result = fix?.operation === undefined ? undefined : outcomes.get(keyOf(fix.operation))?.result;
  return result === 'done' || result === 'planned' || result === 'left';
}

async function fixOne(session: Session, finding: Finding, operation: OperationRef, { upTo, yes, signal }: FixOptions, out: Output): Promise<FixOutcome> {
  const base = { check: finding.id, object: finding.object, operation };
  const about = `${finding.id} (${finding.object})`;
  let plan: Plan;
  try {
    plan = await session.plan(operation);
  } catch (error) {
    const said = sentence(error);
    out.stderr(`cannot fix ${about}: ${said}\n`);
    return { ...base, title: null, risk: null, plan: [], result: 'blocked', said };
  }
  const planned = { ...base, title: plan.title, risk: plan.risk, plan: plan.items.map(({ exact }) => exact) };
  if (plan.blockers.length > 0) {
    const said = plan.blockers.join('; ');
    out.stderr(`cannot fix ${about}: ${plan.title}: ${said}\n`);
    return { ...planned, result: 'blocked', said };
  }
  if (plan.risk !== 'safe' && !(plan.risk === 'disruptive' && upTo === 'disruptive')) {
    const hint = plan.risk === 'disruptive' ? '--fix disruptive would run it' : 'open it in the app to run it';
    out.stderr(`left alone ${about}: ${plan.title} is ${plan.risk}; ${hint}\n`);
    return { ...planned, result: 'left', said: `${plan.risk}: ${hint}` };
  }
  out.stderr(`${yes ? `${clockTime(Date.now())} fix` : 'would fix'} ${about}: ${plan.title} (${plan.risk})\n${announced(plan)}`);
  if (!yes) return { ...planned, result: 'planned', said: null };
  const ended = await carriedOut(session, plan, signal);
  out.stderr(`${clockTime(Date.now())} ${ended.result}${ended.said === null ? '' : `: ${ended.said}`}${ended.took}\n`);
  return { ...planned, result: ended.result, said: ended.said };
}

async function carriedOut(
  session: Session,
  plan: Plan,
  signal: AbortSignal,
): Promise<{ readonly result: 'done' | 'failed' | 'cancelled'; readonly said: string | null; readonly took: string }> {
  let run: OperationRun;
  try {
    const id = await session.start(plan, null);
    const cancel = () => session.cancelRun(id);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    run = await session.finished(id);
    signal.removeEventListener('abort', cancel);
  } catch (error) {
    return { result: 'failed', said: sentence(error), took: '' };
  }
  const failed = run.items.find(({ state }) => state === 'failed')?.said ?? null;
  const result = run.state === 'done' || run.state === 'cancelled' ? run.state : 'failed';
  return { result, said: failed ?? run.verification?.text ?? null, took: ` (${duration((run.endedAt ?? run.startedAt) - run.startedAt)})` };
}

/** The warnings and the exact commands; of very many the first. */
function announced({ items, warnings }: Plan): string {
  const shown = items.slice(0, mostShown).map(({ exact }) => exact);
  const more = items.length - shown.length;
  return [...warnings.map((warning) => `warning: ${warning}`), ...shown, ...(more === 0 ? [] : [`and ${count(more)} more`])]
    .map((text) => `         ${text}\n`)
    .join('');
}

const mostShown = 20;

function keyOf({ id, input }: OperationRef): string {
  return JSON.stringify([id, Object.entries(input).sort()]);
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
