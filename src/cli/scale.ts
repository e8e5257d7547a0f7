import type { Session } from '../session.js';
import type { OperationRun, Plan } from '../state/operations.js';
import { scaleRef } from '../state/scaling.js';
import { duration } from '../text/age.js';
import { clockTime } from '../text/moment.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { type Seen, saidOf, scaleJson } from './scale-json.js';
import { namedTargets } from './scale-targets.js';
import { settle } from './settle.js';

export interface ScaleCommand {
  /** `deployment/resnet50-inference`, one or more. */
  readonly objects: readonly string[];
  readonly replicas: number;
  /** As the command line has it; else the context's own counts. */
  readonly namespace: string | null;
  readonly pinned: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly output: 'text' | 'json';
  readonly signal: AbortSignal;
}

/** As much of a session as scaling needs. */
export type ScaleSession = Pick<Session, 'snapshot' | 'subscribe' | 'readOnly' | 'contexts' | 'scaleOutlook' | 'plan' | 'start' | 'cancelRun' | 'finished'>;

/**
 * `scale`: foretells, and with --yes does it and waits until it has come as foretold. Resolves to 0 done, nothing to do, or shown by --dry-run · 1 it cannot be done as
 * things are, or came otherwise than foretold · 2 could not look, or was not told to do it.
 */
export async function runScale(session: ScaleSession, command: ScaleCommand, out: Output): Promise<number> {
  const { dryRun, yes, replicas, pinned } = command;
  const refused = (why: string) => {
    out.stderr(`gpuk8s-tui: ${why}\n`);
    return 2;
  };
  if (session.readOnly && !dryRun) return refused('this session is read-only: nothing is scaled from here; --dry-run shows what would come of it');
  await settle(session, ['deployments', 'statefulSets', 'nodes'], 20_000);
  const trouble = notReached(session.snapshot().connection);
  if (trouble !== null) return refused(trouble);
  let seen: Seen;
  try {
    const targets = namedTargets(command, session, (said) => out.stderr(`${said}\n`));
    const [outlook, plan] = await Promise.all([session.scaleOutlook(targets), session.plan(scaleRef(targets, replicas, pinned))]);
    seen = { targets, outlook, plan, forecasts: outlook.forecast(replicas, pinned) };
  } catch (error) {
    const why = sentence(error);
    if (!why.startsWith('nothing to do')) return refused(why);
    out.stdout(command.output === 'json' ? `${JSON.stringify({ schemaVersion: 1, result: 'nothing-to-do', said: why }, null, 2)}\n` : `${why}\n`);
    return 0;
  }
  const { plan } = seen;
  if (command.output === 'text') out.stdout(planText(plan));
  for (const warning of plan.warnings) out.stderr(`warning: ${warning}\n`);
  for (const blocker of plan.blockers) out.stderr(`cannot be done as things are: ${blocker}\n`);
  if (plan.blockers.length > 0 || dryRun || !yes) {
    if (command.output === 'json') out.stdout(scaleJson(seen, null));
    if (plan.blockers.length > 0) return 1;
    if (dryRun) return 0;
    return refused('nothing was changed: --yes does it, --dry-run only shows it');
  }
  let run: OperationRun;
  try {
    run = await followed(session, await session.start(plan, null), command.signal, out);
  } catch (error) {
    return refused(sentence(error));
  }
  if (command.output === 'json') out.stdout(scaleJson(seen, run));
  else out.stdout(`${run.state}: ${saidOf(run)} (${duration((run.endedAt ?? run.startedAt) - run.startedAt)})\n`);
  return run.state === 'done' ? 0 : 1;
}

/** Tells each step and each change of the rollout as it comes, on stderr. */
async function followed(session: ScaleSession, id: string, signal: AbortSignal, out: Output): Promise<OperationRun> {
  const told = new Map<string, string>();
  const tell = (run: OperationRun | undefined) => {
    for (const { id: item, state, said } of run?.items ?? []) {
      if (said === null || state === 'waiting' || told.get(item) === said) continue;
      told.set(item, said);
      out.stderr(`${clockTime(Date.now())} ${said}\n`);
    }
  };
  const cancel = () => session.cancelRun(id);
  const unsubscribe = session.subscribe(() => tell(session.snapshot().operations.value?.find((one) => one.id === id)));
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const run = await session.finished(id);
    // What was said last may not have been published yet.
    tell(run);
    return run;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', cancel);
  }
}

function planText({ title, risk, goal, undo, items, blockers }: Plan): string {
  const lines = [
    `${title} (${risk})`,
    ...items.flatMap(({ text, exact }) => [`  ${text}`, `    ${exact}`]),
    ...(blockers.length > 0 ? [] : [`done when: ${goal}`, ...(undo === null ? [] : [`undo: ${undo}`])]),
  ];
  return `${lines.join('\n')}\n`;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
