import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { machinesLooked } from '../../src/cli/machines-looked.js';
import { resolveConfig } from '../../src/config/config.js';
import { memoryFrom } from '../../src/config/memory-file.js';
import { openSettings } from '../../src/config/settings-file.js';
import { silentAsker } from '../../src/hosts/asker.js';
import { openSession, type Session } from '../../src/session.js';
import type { OperationRef } from '../../src/state/operations.js';
import type { Cause, CheckReport } from '../../src/state/report.js';
import { until } from '../kube/until.js';

/** What somebody who opens the program in a demo scenario should be told, and what mends it. */
export interface Story {
  readonly check: string;
  readonly object: string;
  /** Within the first eighty columns. */
  readonly says: RegExp;
  readonly fix: OperationRef;
  /** A line of the evidence. */
  readonly seen?: RegExp;
  /** Only left when what came before is mended. */
  readonly isLeft?: boolean;
}

/** A session on a demo scenario as the app opens it: with its machines, and with what an earlier visit would have remembered. */
export interface DemoVisit extends AsyncDisposable {
  readonly session: Session;
  report(): CheckReport | null;
}

export function demoVisit(scenario: string): DemoVisit {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-visit-'));
  const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
  const session = openSession({
    config: resolveConfig({ demo: scenario }, {}, { readOnly: false, refreshSeconds: 15, contexts: new Map(), setups: new Map() }),
    settings: openSettings(env),
    machines: silentAsker(true),
    memory: memoryFrom({}),
    env,
    homeDir: folder,
  });
  return {
    session,
    report: () => session.snapshot().report.value,
    async [Symbol.asyncDispose]() {
      await session.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once everybody has been heard and the causes have stayed the same for a while. */
export async function settled(visit: DemoVisit): Promise<CheckReport> {
  const { session } = visit;
  await until(() => visit.report() !== null, 30_000);
  await machinesLooked(session);
  let told = '';
  let since = Date.now();
  await until(() => {
    const now = causesOf(visit).join();
    const { prometheus, targets, diagnoses } = session.snapshot();
    const isHeard = [prometheus, targets, diagnoses].every(({ freshness }) => freshness.status !== 'loading' || freshness.why !== null);
    if (now !== told || !isHeard) since = Date.now();
    told = now;
    return Date.now() - since > 2_500;
  }, 30_000);
  const report = visit.report();
  if (report === null) throw new Error('there is no report any more');
  return report;
}

/** Tells the stories in their order: each is the first cause, its fix is run and mends it; with the last of them all is good. Nothing else is a cause in between, or offers to change anything. */
export async function expectMended(scenario: string, stories: readonly Story[]): Promise<void> {
  await using visit = demoVisit(scenario);
  const { session } = visit;
  const { causes } = await settled(visit);
  expect(causes.map(({ finding }) => `${finding.id} ${finding.object}`)).toEqual(
    stories.filter(({ isLeft }) => isLeft !== true).map(({ check, object }) => `${check} ${object}`),
  );
  for (const story of stories) {
    await until(() => isTold(story, visit), 60_000);
    const [cause] = visit.report()?.causes ?? [];
    const plan = await session.plan(expectTold(story, cause));
    expect(plan.blockers).toEqual([]);
    const run = await session.finished(await session.start(plan, plan.confirmName));
    expect({ state: run.state, verification: run.verification }).toMatchObject({ state: 'done', verification: { seen: true } });
  }
  const strays = straysOf(visit);
  await until(() => visit.report()?.verdict === 'good', 60_000);
  expect(strays()).toEqual([]);
  expect(visit.report()?.findings.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
}

/** Its fix. */
function expectTold({ says, seen, fix }: Story, cause: Cause | undefined): OperationRef {
  expect(cause?.finding.message.slice(0, 80)).toMatch(says);
  expect(cause?.finding.fix?.operation).toEqual(fix);
  if (seen !== undefined) expect((cause?.finding.evidence ?? []).map(({ source, text }) => `${source}: ${text}`)).toContainEqual(expect.stringMatching(seen));
  return cause?.finding.fix?.operation ?? fix;
}

function isTold({ check, object }: Story, visit: DemoVisit): boolean {
  return causesOf(visit)[0] === `${check} ${object}`;
}

function causesOf(visit: DemoVisit): readonly string[] {
  return (visit.report()?.causes ?? []).map(({ finding }) => `${finding.id} ${finding.object}`);
}

/** From now on: what offers to change something for longer than a moment, though all that is wrong has been mended. */
function straysOf(visit: DemoVisit): () => readonly string[] {
  const offeredSince = new Map<string, number>();
  const strays = new Set<string>();
  const look = () => {
    const offers = (visit.report()?.causes ?? [])
      .filter(({ finding }) => finding.fix?.operation !== undefined)
      .map(({ finding }) => `${finding.id}: ${finding.message}`);
    for (const known of offeredSince.keys()) if (!offers.includes(known)) offeredSince.delete(known);
    for (const offer of offers) {
      const since = offeredSince.get(offer) ?? Date.now();
      offeredSince.set(offer, since);
      if (Date.now() - since > 3_000) strays.add(offer);
    }
  };
  visit.session.subscribe(look);
  return () => [...strays];
}
