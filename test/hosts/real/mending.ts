import { expect } from 'vitest';
import { makeReport } from '../../../src/checks/report.js';
import { type Journal, openJournal } from '../../../src/journal/journal.js';
import { startMachines } from '../../../src/machines.js';
import { createOperationDesk, type OperationDesk } from '../../../src/operations/desk.js';
import type { World } from '../../../src/operations/operation.js';
import { operations } from '../../../src/operations/registry.js';
import { createWorld } from '../../../src/operations/world.js';
import type { HostState } from '../../../src/state/hosts.js';
import type { JournalEntry } from '../../../src/state/journal.js';
import type { OperationRun, Plan } from '../../../src/state/operations.js';
import type { Pod } from '../../../src/state/pods.js';
import type { CheckReport, Finding } from '../../../src/state/report.js';
import { createStore, type Store } from '../../../src/state/store.js';
import { aFolder } from '../../journal/lines.js';
import { until } from '../../kube/until.js';
import { scriptedAsker } from '../asking.js';
import { type PlayedCluster, playCluster } from './cluster.js';
import type { Machines } from './machines.js';

/** The program's own road on real machines: the probe over SSH, the checks, the operations with sudo, the journal. Only the API server is played. */
export interface Mending {
  readonly store: Store;
  readonly world: World;
  readonly desk: OperationDesk;
  readonly journal: Journal;
  readonly cluster: PlayedCluster;
  /** A second desk, as another program would have it, on the same journal. */
  otherDesk(): OperationDesk;
  /** The machine as a look that began after this call saw it. */
  look(host: string): Promise<HostState>;
  /** What a check says of the machine now: the worst it has to say. */
  found(check: string, host?: string): Promise<Finding | undefined>;
  /** All that the checks say, by what is known now. */
  report(): CheckReport;
  /** Has a check's finding mended by the operation that it names, and expects it done, seen, journalled, found good, and nothing left to do. */
  mend(check: string, host?: string): Promise<Mended>;
  /** Plans and carries out. */
  carryOut(ref: Plan['ref']): Promise<OperationRun>;
  lastEntry(): Promise<JournalEntry | undefined>;
  close(): Promise<void>;
}

export interface Mended {
  readonly finding: Finding;
  readonly plan: Plan;
  readonly run: OperationRun;
  readonly entry: JournalEntry;
}

export interface MendingOptions {
  readonly nodes?: readonly string[];
  readonly pods?: readonly Pod[];
  readonly everyMs?: number;
}

export function mendMachines(machines: Machines, { nodes = ['gpu-1'], pods = [], everyMs = 1000 }: MendingOptions = {}): Mending {
  const store = createStore({ flushMs: 5, settleMs: 0 });
  const cluster = playCluster(store, machines, nodes, pods);
  const each = Object.fromEntries(nodes.map((name) => [name, { address: machines.of(name).address }]));
  const seen = startMachines({
    store,
    client: null,
    settings: { user: 'ops', key: machines.key, each },
    asker: scriptedAsker({}),
    everyMs,
    env: {},
    homeDir: machines.home,
  });
  const world = createWorld({ client: cluster.client, store, context: 'lab', host: seen.host, refresh: seen.refresh });
  const dir = aFolder();
  const journal = openJournal({ dir });
  const desks: OperationDesk[] = [];
  const openDesk = (own: Journal) => {
    const desk = createOperationDesk({ world, registry: operations, journal: own, store, readOnly: false, who: 'ops@headnode', refresh: seen.refresh });
    desks.push(desk);
    return desk;
  };
  const desk = openDesk(journal);

  const look = async (host: string) => {
    const asked = Date.now();
    seen.refresh();
    return until(() => {
      const state = store.snapshot().hosts.value?.get(host);
      // One that was under way may have looked before the change.
      return state?.contact.status === 'connected' && state.facts !== null && state.facts.at - state.facts.tookMs >= asked ? state : null;
    }, 30_000).catch(() => {
      throw new Error(`${host} was not looked at: ${JSON.stringify(store.snapshot().hosts.value?.get(host)?.contact)}`);
    });
  };
  const report = () => makeReport(store.snapshot(), {}, Date.now());
  const found = async (check: string, host = 'gpu-1') => {
    await look(host);
    const own = report().findings.filter(({ id, object }) => id === check && object.endsWith(`/${host}`));
    return own.find(({ status }) => status === 'fail' || status === 'warn') ?? own[0];
  };
  const lastEntry = async () => (await journal.read()).entries[0];
  const carryOut = async (ref: Plan['ref']) => desk.finished(await desk.start(await desk.plan(ref), null));

  return {
    store,
    world,
    desk,
    journal,
    cluster,
    otherDesk: () => openDesk(openJournal({ dir })),
    look,
    found,
    report,
    carryOut,
    lastEntry,
    async mend(check, host = 'gpu-1') {
      const began = performance.now();
      const finding = await found(check, host);
      const ref = finding?.fix?.operation;
      if (finding === undefined || ref === undefined) throw new Error(`${check} found nothing that an operation mends: ${JSON.stringify(finding)}`);
      expect(['fail', 'warn']).toContain(finding.status);
      const plan = await desk.plan(ref);
      expect(plan.blockers).toEqual([]);
      const run = await desk.finished(await desk.start(plan, null));
      expect({ state: run.state, failed: run.items.filter(({ state }) => state === 'failed'), seen: run.verification }).toEqual({
        state: 'done',
        failed: [],
        seen: { seen: true, text: plan.goal },
      });
      const after = await found(check, host);
      expect(`${after?.status}: ${after?.message}`).toMatch(/^pass: /);
      const entry = await lastEntry();
      if (entry === undefined) throw new Error('the journal has no entry');
      expect(entry).toMatchObject({ title: plan.title, result: 'done', said: plan.goal, undo: plan.undo, plan: plan.items.map(({ exact }) => exact) });
      // A restart can always be done once more; the plan then says that it interrupts.
      if (ref.id === 'restart-unit') expect(await desk.plan(ref)).toMatchObject({ risk: 'disruptive', warnings: [expect.stringContaining('is active now')] });
      else await expect(desk.plan(ref)).rejects.toThrow('nothing to do');
      process.stderr.write(`${check}: found, mended by ${ref.id}, seen good after ${Math.round(performance.now() - began)} ms\n`);
      return { finding, plan, run, entry };
    },
    async close() {
      await Promise.all(desks.map((one) => one.close()));
      cluster.close();
      seen.close();
      store.close();
    },
  };
}

/** A plan's undo as a person would paste it into a root shell of the machine. */
export function undoCommand({ undo }: Plan, host = 'gpu-1'): string {
  const start = `${host}# `;
  if (undo === null || !undo.startsWith(start)) throw new Error(`not an undo on ${host}: ${undo}`);
  return undo.slice(start.length).replace(/ \([^()]*\)$/, '');
}
