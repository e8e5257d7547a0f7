import { createPlacement, type Placement } from '../../kube/placement.js';
import type { PlacementPod } from '../../kube/placement-pod.js';
import type { ScaleForecast } from '../../state/scaling.js';
import { departing } from './departing.js';
import { createQuotaLedger, type QuotaLedger } from './quota-ledger.js';
import type { ScaleBasis, WorkloadBasis } from './scale-basis.js';

/**
 * What becomes of the workloads with so many replicas each, by the rules of quota admission, the workload controllers and the default scheduler: pods that go make
 * room first, then those that wait already are looked at in the scheduler's order (priority, then age), then the new ones. `replicas` by workload, in their order.
 */
export function forecastScaling(basis: ScaleBasis, replicas: readonly number[]): readonly ScaleForecast[] {
  const { nodes, pods, workloads } = basis;
  const plans = workloads.map((workload, index) => planOf(workload, replicas[index] ?? workload.replicas));
  if (nodes === null || pods === null) return plans.map((plan) => unknownForecast(plan, basis.unseen ?? 'nodes and pods cannot be seen'));
  const gone = new Set(plans.flatMap(({ leaving }) => leaving.map(({ uid }) => uid)));
  const staying = pods.filter(({ uid }) => !gone.has(uid));
  const placement = createPlacement(nodes, staying);
  const ledgers = ledgersOf(basis, plans);
  const waiting = placeWaiting(placement, staying);
  return plans.map((plan) => forecastOne(plan, placement, ledgers.get(plan.workload.place.namespace) ?? createQuotaLedger([]), waiting));
}

interface Plan {
  readonly workload: WorkloadBasis;
  readonly to: number;
  readonly staying: readonly PlacementPod[];
  readonly leaving: readonly PlacementPod[];
}

function planOf(workload: WorkloadBasis, to: number): Plan {
  const active = workload.pods.filter(({ leaving }) => !leaving);
  const leaving = departing(workload.target.kind, active, active.length - to);
  return { workload, to, leaving, staying: active.filter((pod) => !leaving.includes(pod)) };
}

/** Where each pod goes that waits for a node now, and why those stay that find none. */
type Waiting = ReadonlyMap<string, { readonly node: string } | { readonly why: string }>;

function placeWaiting(placement: Placement, pods: readonly PlacementPod[]): Waiting {
  const queue = pods.filter(({ nodeName, leaving, heldBack }) => nodeName === null && !leaving && !heldBack);
  return new Map(queue.sort((a, b) => b.priority - a.priority || a.createdAt - b.createdAt).map((pod) => [pod.uid, placement.place(pod)]));
}

/** The quotas by namespace, with what leaves given back already. */
function ledgersOf({ quotas, pods }: ScaleBasis, plans: readonly Plan[]): ReadonlyMap<string, QuotaLedger> {
  const ledgers = new Map([...quotas].map(([namespace, all]) => [namespace, createQuotaLedger(all)]));
  for (const { workload, leaving } of plans) {
    const { template, place } = workload;
    const already = workload.pods.filter((pod) => pod.leaving && pods !== null);
    if (template !== null) for (const _ of [...leaving, ...already]) ledgers.get(place.namespace)?.release(template.quotaUse, template.spec);
  }
  return ledgers;
}

function forecastOne(plan: Plan, placement: Placement, ledger: QuotaLedger, waiting: Waiting): ScaleForecast {
  const { workload, to, staying, leaving } = plan;
  const { template, ordered } = workload;
  const why =
    template?.unknown ??
    (template === null && to > staying.length ? 'nothing shows what its pods would ask for: it has neither a pod template nor a living pod' : null);
  if (why !== null) return unknownForecast(plan, why);
  const tally = createTally();
  for (const pod of staying) {
    const outcome = pod.nodeName === null ? (waiting.get(pod.uid) ?? { why: 'it waits for its scheduling gates' }) : { node: pod.nodeName };
    if ('why' in outcome) tally.pending(outcome.why);
    else if (pod.nodeName !== null && pod.trouble !== null) tally.failing(pod.trouble);
    else tally.ready(pod.nodeName === null ? outcome.node : null);
  }
  const stuck = () => tally.counts.pending + tally.counts.failing > 0;
  const missing = to - staying.length;
  for (let index = 0; index < missing && template !== null; index += 1) {
    const refused =
      ordered && stuck()
        ? 'waits for the pod before it (podManagementPolicy OrderedReady)'
        : (template.refused ?? ledger.admit(template.quotaUse, template.spec));
    if (refused !== null) {
      tally.notCreated(refused, missing - index);
      break;
    }
    const { terms, why: noVolume } = template.claims(workload.firstOrdinal + staying.length + index);
    if (noVolume !== null) tally.pending(`0/${placement.nodes} nodes are available: ${noVolume}.`);
    else {
      const outcome = placement.place({ ...template.rules, volumeTerms: terms });
      if ('why' in outcome) tally.pending(outcome.why);
      else tally.ready(outcome.node);
    }
  }
  return {
    target: workload.target,
    from: workload.replicas,
    to,
    ...tally.counts,
    placed: tally.placed,
    leaving: leaving.map(({ name }) => name),
    unknown: null,
    warnings: [],
  };
}

interface Counts {
  ready: number;
  pending: number;
  pendingWhy: string | null;
  notCreated: number;
  notCreatedWhy: string | null;
  failing: number;
  failingWhy: string | null;
}

function createTally() {
  const counts: Counts = { ready: 0, pending: 0, pendingWhy: null, notCreated: 0, notCreatedWhy: null, failing: 0, failingWhy: null };
  const placed = new Map<string, number>();
  return {
    counts,
    placed,
    ready(newlyOn: string | null) {
      counts.ready += 1;
      if (newlyOn !== null) placed.set(newlyOn, (placed.get(newlyOn) ?? 0) + 1);
    },
    pending(why: string) {
      counts.pending += 1;
      counts.pendingWhy = why;
    },
    failing(why: string) {
      counts.failing += 1;
      counts.failingWhy = why;
    },
    notCreated(why: string, amount: number) {
      counts.notCreated += amount;
      counts.notCreatedWhy = why;
    },
  };
}

function unknownForecast({ workload, to, leaving }: Plan, unknown: string): ScaleForecast {
  return {
    target: workload.target,
    from: workload.replicas,
    to,
    ready: null,
    pending: 0,
    pendingWhy: null,
    notCreated: 0,
    notCreatedWhy: null,
    failing: 0,
    failingWhy: null,
    placed: new Map(),
    leaving: leaving.map(({ name }) => name),
    unknown,
    warnings: [],
  };
}
