import { makeReport } from '../../../src/checks/report.js';
import type { World } from '../../../src/operations/operation.js';
import { operations } from '../../../src/operations/registry.js';
import { live } from '../../../src/state/freshness.js';
import type { HostState } from '../../../src/state/hosts.js';
import type { Finding } from '../../../src/state/report.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { until } from '../../kube/until.js';
import { aWorld } from '../../operations/a-world.js';
import { done, type Outcome } from '../../operations/fixes/a-scene.js';
import type { Watched } from './feed.js';

/** What a check says of a machine, taken for a node of the cluster, by a look that began just now. */
export async function foundNow(id: string, name: string, watched: Watched): Promise<Finding | undefined> {
  const asked = Date.now();
  // One that was under way may have looked before the change.
  const { facts } = await watched.when(name, (seen) => seen.contact.status === 'connected' && begun(seen) >= asked);
  if (facts === null) throw new Error(`no facts of ${name}`);
  const { findings } = makeReport(asNode(watched.snapshot(), name), {}, Date.now());
  const own = findings.filter((finding) => finding.id === id);
  return own.find(({ status }) => status === 'fail' || status === 'warn') ?? own[0];
}

/** Carries out the fix of a finding on the machine itself, as the program would. */
export async function mended(finding: Finding | undefined, watched: Watched): Promise<Outcome> {
  const ref = finding?.fix?.operation;
  const operation = operations.find(({ id }) => id === ref?.id);
  if (ref === undefined || operation === undefined) throw new Error(`no operation mends ${JSON.stringify(finding)}`);
  return done(operation, ref.input, worldOf(watched));
}

function worldOf(watched: Watched): World {
  return {
    ...aWorld(),
    snapshot: watched.snapshot,
    host: watched.host,
    until: async (condition, timeoutMs) => {
      watched.refresh();
      return until(() => condition(watched.snapshot()), timeoutMs).catch(() => false);
    },
  };
}

function asNode(snapshot: ClusterSnapshot, name: string): ClusterSnapshot {
  const state = snapshot.hosts.value?.get(name);
  if (state?.facts == null) throw new Error(`${name} is gone`);
  const contact = { status: 'connected', since: 0, roundTripMs: 1 } as const;
  return { ...snapshot, hosts: live(new Map([[name, { ...state, node: name, contact }]]), state.facts.at) };
}

/** When the look began that brought the facts. */
function begun({ facts }: HostState): number {
  return facts === null ? 0 : facts.at - facts.tookMs;
}
