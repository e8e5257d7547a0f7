import type { OperationRef, OperationRun, Plan } from '../state/operations.js';
import { duration } from '../text/age.js';
import { count } from '../text/amount.js';
import { line } from '../text/line.js';
import { counted } from '../text/wording.js';
import { showProgress } from './clean-progress.js';
import type { CleanSession } from './clean-session.js';
import { type CleanSummary, summaryOf } from './clean-summary.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { table } from './table.js';

export interface CleanEvictedCommand {
  readonly output: 'text' | 'json';
  /** null: all of them. */
  readonly namespace: string | null;
  readonly reason: string;
  /** As it was typed: `1h`. */
  readonly olderThan: string | null;
  readonly keep: number;
  /** Pods of Jobs, which are their record, go too. */
  readonly jobs: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** What was given to confirm a plan that deletes what nothing makes anew. */
  readonly confirm: string | null;
  readonly signal: AbortSignal;
}

/** `clean evicted`: deletes the ended pods of one reason. Resolves to 0 done or nothing to do · 1 some could not be deleted, or it was stopped · 2 could not look or start. */
export async function runCleanEvicted(session: CleanSession, command: CleanEvictedCommand, out: Output): Promise<number> {
  const refused = (why: string) => {
    out.stderr(`gpuk8s-tui: ${why}\n`);
    return 2;
  };
  if (session.readOnly && !command.dryRun) return refused('this session is read-only: nothing is deleted from here; --dry-run shows what would go');
  let plan: Plan;
  try {
    plan = await session.plan(refOf(command));
  } catch (error) {
    const why = sentence(error);
    if (!why.startsWith('nothing to do')) return refused(why);
    report(null, null, command, out);
    if (command.output === 'text') out.stdout(`${why}\n`);
    return 0;
  }
  if (command.output === 'text' && (command.dryRun || !command.yes || out.isTty)) out.stdout(planText(plan, out.isTty));
  for (const warning of plan.warnings) out.stderr(`warning: ${warning}\n`);
  if (command.dryRun) {
    report(plan, null, command, out);
    for (const blocker of plan.blockers) out.stderr(`would not run: ${blocker}\n`);
    return 0;
  }
  const why = whyNot(plan, command);
  if (why !== null) return refused(why);
  let id: string;
  try {
    id = await session.start(plan, command.confirm);
  } catch (error) {
    return refused(sentence(error));
  }
  const run = await follow(session, id, command.signal, out);
  report(plan, run, command, out);
  return run.state === 'done' ? 0 : 1;
}

function refOf({ reason, namespace, olderThan, keep, jobs }: CleanEvictedCommand): OperationRef {
  const input = {
    reasons: reason,
    ...(namespace === null ? {} : { namespaces: namespace }),
    ...(olderThan === null ? {} : { olderThan }),
    ...(keep === 0 ? {} : { keep: String(keep) }),
    ...(jobs ? { jobs: 'yes' } : {}),
  };
  return { id: 'clean-pods', input };
}

function whyNot({ blockers, risk, confirmName }: Plan, { yes, confirm }: CleanEvictedCommand): string | null {
  if (blockers.length > 0) return `cannot be done as things are: ${blockers.join('; ')}`;
  if (!yes) return 'nothing was deleted: --yes does it, --dry-run only shows it';
  if (risk === 'destructive' && confirm !== confirmName) return `nothing was deleted: what goes does not come back; confirm it with --confirm ${confirmName}`;
  return null;
}

async function follow(session: CleanSession, id: string, signal: AbortSignal, out: Output): Promise<OperationRun> {
  const cancel = () => session.cancelRun(id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const hide = out.live === undefined ? () => undefined : showProgress(session, id, out, out.live);
  try {
    return await session.finished(id);
  } finally {
    hide();
    signal.removeEventListener('abort', cancel);
  }
}

function report(plan: Plan | null, run: OperationRun | null, { output, dryRun }: CleanEvictedCommand, out: Output): void {
  const summary = summaryOf(plan, run, dryRun);
  if (output === 'json') out.stdout(`${JSON.stringify(summary, null, 2)}\n`);
  else if (run !== null) out.stdout(summaryText(summary, run));
}

function planText({ title, table: shown }: Plan, colours: boolean): string {
  if (shown === undefined) return `${title}\n`;
  const rows = shown.rows.map(({ changes, cells }) => cells.map((text) => ({ text, tone: changes ? ('plain' as const) : ('dim' as const) })));
  return paint([line(['strong', title]), [], ...table(shown.heads, rows, shown.right), [], line(shown.sum)], colours);
}

function summaryText({ planned, deleted, alreadyGone, failed, durationSeconds }: CleanSummary, run: OperationRun): string {
  const left = planned - deleted - alreadyGone - failed.length;
  const parts = [
    `${counted(deleted, 'pod')} deleted in ${durationSeconds < 10 ? `${durationSeconds.toFixed(1)}s` : duration(durationSeconds * 1000)}`,
    ...(alreadyGone === 0 ? [] : [`${count(alreadyGone)} were gone already`]),
    ...(failed.length === 0 ? [] : [`${count(failed.length)} failed`]),
    ...(left === 0 ? [] : [`${count(left)} not begun: the same command goes on with them`]),
  ];
  const shown = failed.slice(0, mostFailures).map(({ namespace, name, error }) => `  ${namespace}/${name}: ${error}\n`);
  const more = failed.length > mostFailures ? `  and ${count(failed.length - mostFailures)} more\n` : '';
  const goal = run.verification === null ? '' : `${run.verification.text}\n`;
  return `${parts.join('; ')}\n${shown.join('')}${more}${goal}`;
}

const mostFailures = 20;

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
