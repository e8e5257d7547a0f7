import { whyMissing } from '../state/freshness.js';
import type { NodeRecovery, RecoveryStep } from '../state/recovery.js';
import { clockOffset, duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { controlPlanes } from './control-planes.js';
import type { Sight } from './sight.js';

/**
 * Nodes that were just rebooted and whose steps are simply not due yet. What is not there yet on such a node follows from its being on its way; as soon as a step is late or broken, what is wrong
 * with it stands for itself.
 */
export const comingBack: Check = defineCheck({
  id: 'coming-back',
  title: 'rebooted nodes are back',
  severity: 'critical',
  dependsOn: ['swap-zero', 'cgroup-v2', 'runtime-binaries', 'nouveau-absent', 'driver-next-kernel', 'driver-lib-match', 'gpu-xid'],
  look(sight) {
    const rebooting = rebootsFromHere(sight);
    if (rebooting.length > 0) return [...rebooting, ...returningNodes(sight, new Set(rebooting.map(({ object }) => object)))];
    const recovery = sight.peek('recovery');
    if (recovery === null) return [{ object: 'cluster', status: 'skipped', message: whyMissing(sight.snapshot.recovery) ?? 'nobody follows reboots here' }];
    const returning = returningNodes(sight, new Set());
    if (returning.length > 0) return returning;
    const open = recovery.nodes.filter(({ completeAt, steps }) => completeAt === null && steps.some(isOpen));
    if (open.length > 0) return [{ object: 'cluster', status: 'skipped', message: 'what holds rebooted nodes up is told by the other checks' }];
    return [{ object: 'cluster', status: 'pass', message: recovery.nodes.length === 0 ? 'no node was rebooted lately' : 'all of them' }];
  },
});

/** Nodes that somebody reboots with this program just now: cordoned, emptied, down and up again, all of it on purpose. */
function rebootsFromHere(sight: Sight): readonly Observation[] {
  const runs = (sight.peek('operations') ?? []).filter(({ plan, state }) => plan.ref.id === 'reboot-node' && (state === 'running' || state === 'verifying'));
  return runs.flatMap(({ plan, items, startedAt }) => {
    const name = plan.ref.input['node'];
    if (name === undefined) return [];
    const step = plan.items.find(({ id }) => items.some((item) => item.id === id && item.state === 'running'));
    const now = step === undefined ? '' : `: ${step.text}`;
    const message = `${name} is being rebooted from here, begun ${duration(sight.now - startedAt)} ago${now}`;
    return [{ ...observation(name, message), explains: [...tagsOf(name), `cordon/${name}`] }];
  });
}

function returningNodes(sight: Sight, told: ReadonlySet<string>): readonly Observation[] {
  const nodes = (sight.peek('recovery')?.nodes ?? []).filter((node) => isOnItsWay(node, sight) && !told.has(`node/${node.node}`));
  return nodes.map((node) => observation(node.node, sentence(node, sight)));
}

function isOpen({ status }: RecoveryStep): boolean {
  return status !== 'done' && status !== 'skipped';
}

/** Whether waiting is all there is to do. A node that is down is told by `hosts` and `node-ready`, as long as the API server can say so. */
function isOnItsWay({ because, completeAt, steps }: NodeRecovery, { snapshot }: Sight): boolean {
  if (completeAt !== null || !steps.some(isOpen) || steps.some(({ status }) => status === 'failed')) return false;
  return because !== 'down' || snapshot.connection.status === 'lost';
}

function observation(name: string, message: string): Observation {
  return {
    object: `node/${name}`,
    status: 'warn',
    underWay: true,
    message,
    explains: tagsOf(name),
    // Swap that is on, a driver that does not fit: then waiting is not all there is to do.
    explainedBy: [[`node/${name}`, `gpus/${name}`]],
  };
}

function tagsOf(name: string): readonly string[] {
  return [`node/${name}`, `taints/${name}`, `network/${name}`, `gpus/${name}`, `exporter/${name}`, `contact/${name}`, `handler/${name}`, 'gpus'];
}

function sentence({ node, because, bootedAt, seenBy, steps }: NodeRecovery, { snapshot, now }: Sight): string {
  if (because === 'down') return `${node} is down or still booting: it does not answer over SSH, and the API server cannot be asked`;
  const booted = bootedAt === null ? 'lately' : `${duration(now - bootedAt)} ago`;
  if (seenBy !== null && controlPlanes(snapshot).includes(`node/${node}`)) return `${seenBy}; ${node} was rebooted ${booted}`;
  const opening = `${node} is coming back: rebooted ${booted}`;
  if (seenBy !== null) return `${opening}, ${seenBy.replace(/^API server [^,]+, /, '')}`;
  const next = steps.find(({ status }) => status === 'open') ?? steps.find(({ status }) => status === 'unknown');
  return next === undefined ? opening : `${opening}, waits for ${next.name}${usually(next.usualMs)}`;
}

function usually(ms: number | null): string {
  return ms === null ? '' : ` (usually ${clockOffset(ms)})`;
}
