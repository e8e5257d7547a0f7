import { machineState } from '../operations/machine-reading.js';
import type { Session } from '../session.js';
import type { OperationRef, OperationRun, Plan } from '../state/operations.js';
import { duration } from '../text/age.js';
import { clean } from '../text/clean.js';
import type { Output } from './output.js';
import { settle } from './settle.js';

export interface CleanDiskCommand {
  readonly node: string;
  /** Ids of stores; empty for those that go unless somebody says otherwise. */
  readonly only: readonly string[];
  /** `STORE=ID` of pieces that are chosen one by one. */
  readonly items: readonly string[];
  /** `30%` */
  readonly target: string | null;
  /** What the journal keeps: `500Mi`. */
  readonly keepJournal: string | null;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm: string | null;
  readonly output: 'text' | 'json';
  readonly signal: AbortSignal;
}

/** What `clean disk --output json` prints; a change of meaning raises schemaVersion. */
export interface CleanDiskJson {
  readonly schemaVersion: 1;
  readonly node: string;
  readonly result: 'nothing-to-do' | 'planned' | 'blocked' | 'done' | 'failed' | 'cancelled';
  readonly risk: Plan['risk'] | null;
  readonly warnings: readonly string[];
  readonly blockers: readonly string[];
  readonly stores: readonly {
    readonly store: string;
    readonly text: string;
    readonly command: string;
    readonly foretoldBytes: number;
    /** By df; null where it was not run. */
    readonly wonBytes: number | null;
    readonly state: string;
    readonly said: string | null;
  }[];
  readonly foretoldBytes: number;
  readonly wonBytes: number;
  readonly said: string | null;
  readonly durationSeconds: number | null;
}

/** `clean disk NODE`: measures, tells, and with --yes wins back disk space there. Resolves to 0 done or nothing to do · 1 not enough, failed or stopped · 2 could not look or start. */
export async function runCleanDisk(session: Session, command: CleanDiskCommand, out: Output): Promise<number> {
  const refused = (why: string) => {
    out.stderr(`gpuk8s-tui: ${why}\n`);
    return 2;
  };
  if (session.readOnly && !command.dryRun) return refused('this session is read-only: nothing is changed from here; --dry-run shows what could be won back');
  const lost = await looked(session, command.node);
  if (lost !== null) return refused(lost);
  let plan: Plan;
  try {
    plan = await session.plan(refOf(command));
  } catch (error) {
    const why = sentence(error);
    if (!why.startsWith('nothing to do')) return refused(why);
    print(command, null, null, why, out);
    return 0;
  }
  if (command.output === 'text') out.stdout(planText(plan));
  for (const warning of plan.warnings) if (command.output === 'json') out.stderr(`warning: ${warning}\n`);
  if (command.dryRun) {
    print(command, plan, null, null, out);
    return 0;
  }
  const why = whyNot(plan, command);
  if (why !== null) return refused(why);
  const run = await carriedOut(session, plan, command, out).catch((error: unknown) => sentence(error));
  if (typeof run === 'string') return refused(run);
  print(command, plan, run, null, out);
  return run.state === 'done' ? 0 : 1;
}

/** Waits until it is known how the machine is reached; null then, else why there is no cluster to ask. */
async function looked(session: Session, node: string): Promise<string | null> {
  const outcome = await settle(session, ['nodes', 'hosts'], 15_000);
  const { connection } = session.snapshot();
  if (outcome === 'unusable' || outcome === 'lost') return 'why' in connection ? connection.why : 'there is no cluster to ask';
  const isKnown = () => {
    const contact = machineState(session.snapshot(), node)?.contact;
    return contact !== undefined && contact.status !== 'connecting';
  };
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, 15_000);
    const unsubscribe = session.subscribe(() => {
      if (isKnown()) end();
    });
    if (isKnown() || session.snapshot().nodes.value?.has(node) === false) end();
  });
  return null;
}

function refOf({ node, only, items, target, keepJournal }: CleanDiskCommand): OperationRef {
  return { id: 'clean-disk', input: { node, stores: only.join(' '), parts: items.join(' '), target: target ?? '', journal: keepJournal ?? '' } };
}

function whyNot({ blockers, risk, confirmName }: Plan, { yes, confirm }: CleanDiskCommand): string | null {
  if (blockers.length > 0) return `cannot be done as things are: ${blockers.join('; ')}`;
  if (!yes) return 'nothing was changed: --yes does it, --dry-run only shows it';
  if (risk === 'destructive' && confirm !== confirmName) return `nothing was changed: what goes does not come back; confirm it with --confirm ${confirmName}`;
  return null;
}

async function carriedOut(session: Session, plan: Plan, { confirm, signal, output }: CleanDiskCommand, out: Output): Promise<OperationRun> {
  const id = await session.start(plan, confirm);
  const cancel = () => session.cancelRun(id);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  // Each store is told as it ends: one may take minutes.
  const told = new Set<string>();
  const tell = () => {
    const run = session.snapshot().operations.value?.find((known) => known.id === id);
    for (const [index, item] of (run?.items ?? []).entries()) {
      if (item.state === 'waiting' || item.state === 'running' || told.has(item.id)) continue;
      told.add(item.id);
      out.stderr(`${item.state} ${storeOf(plan.items[index]?.object ?? '')}${item.said === null ? '' : `: ${item.said}`}\n`);
    }
  };
  const unsubscribe = session.subscribe(() => output === 'text' && tell());
  try {
    const run = await session.finished(id);
    if (output === 'text') tell();
    return run;
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', cancel);
  }
}

function print(command: CleanDiskCommand, plan: Plan | null, run: OperationRun | null, why: string | null, out: Output): void {
  const said = why ?? run?.verification?.text ?? null;
  if (command.output === 'json') {
    out.stdout(`${JSON.stringify(jsonOf(command.node, plan, run, said), null, 2)}\n`);
    return;
  }
  if (plan !== null && run === null) for (const blocker of plan.blockers) out.stderr(`would not run: ${blocker}\n`);
  const took = run === null ? '' : ` (${duration((run.endedAt ?? run.startedAt) - run.startedAt)})`;
  if (run !== null) out.stdout(`${run.state}${said === null ? '' : `: ${said}`}${took}\n`);
  else if (said !== null) out.stdout(`${said}\n`);
}

function jsonOf(node: string, plan: Plan | null, run: OperationRun | null, said: string | null): CleanDiskJson {
  const stores = (plan?.items ?? []).map(({ object, text, exact, bytes = 0 }, index) => {
    const progress = run?.items[index];
    const state = progress?.state ?? 'planned';
    return { store: storeOf(object), text, command: exact, foretoldBytes: bytes, wonBytes: progress?.bytes ?? null, state, said: progress?.said ?? null };
  });
  const planned = plan === null ? 'nothing-to-do' : plan.blockers.length > 0 ? 'blocked' : 'planned';
  const ended = run === null ? planned : run.state === 'done' || run.state === 'cancelled' ? run.state : 'failed';
  return {
    schemaVersion: 1,
    node,
    result: ended,
    risk: plan?.risk ?? null,
    warnings: plan?.warnings ?? [],
    blockers: plan?.blockers ?? [],
    stores,
    foretoldBytes: stores.reduce((sum, { foretoldBytes }) => sum + foretoldBytes, 0),
    wonBytes: stores.reduce((sum, { wonBytes }) => sum + (wonBytes ?? 0), 0),
    said,
    durationSeconds: run === null ? null : ((run.endedAt ?? run.startedAt) - run.startedAt) / 1000,
  };
}

function planText({ title, risk, warnings, items }: Plan): string {
  const rows = items.map(({ text, exact }) => `  ${text}\n    ${exact}\n`);
  return `${title} (${risk})\n${warnings.map((warning) => `  ! ${warning}\n`).join('')}${rows.join('')}`;
}

/** `disk/gpu-1/journal` */
function storeOf(object: string): string {
  return object.split('/').at(-1) ?? object;
}

function sentence(error: unknown): string {
  return clean(error instanceof Error ? error.message : String(error), 1000);
}
