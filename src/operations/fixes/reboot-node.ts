import { at } from '../../kube/json.js';
import { expectedGpus } from '../../state/gpus.js';
import { type Node, readiness } from '../../state/nodes.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, kubectl, nodePath, readObject, uidOf } from '../cluster-reading.js';
import { evictionChange, type Resident, residentsOf } from '../eviction.js';
import { Blocked, defineFix, fieldForms } from '../fix.js';
import { factValue, type Machine, machineState, reachMachine } from '../machine-reading.js';
import type { Operation, World } from '../operation.js';
import { type Change, commandChange, patchChange, waitChange } from '../steps.js';
import { lookFor } from '../verification.js';
import { uncordonChange } from './uncordon.js';

const minute = 60_000;

/** Reboots a node in good order: no new pods, those there moved elsewhere, then the boot, and its return seen by another boot id. */
export const rebootNode: Operation = defineFix({
  id: 'reboot-node',
  title: 'empty a node, reboot it, and take it back',
  fields: { node: fieldForms.object },
  headline: (field) => `Reboot node ${field('node')}`,
  subject: (field) => field('node'),
  async propose(field, world) {
    const name = field('node');
    const object = await readObject(world, nodePath(name));
    if (object === null) throw new Blocked(`there is no node ${name}`);
    const snapshot = world.snapshot();
    const machine = await reachMachine(world, name);
    if (machine.host.road === 'this machine') throw new Blocked(`this program runs on ${name} and would end with it: reboot it from another machine`);
    const before = bootIds(snapshot, name);
    if (before.length === 0) throw new Blocked(`the boot id of ${name} is not known, so its return could not be told from its leaving`);
    const residents = await residentsOf(world, name);
    const alone = othersToGoTo(snapshot, name).length === 0;
    const leaving = alone ? [] : residents.filter(({ fate }) => fate === 'evict');
    const cordoned = at(object, 'spec', 'unschedulable') === true;
    const ledger = snapshot.gpus.value?.nodes.get(name);
    const gpus = ledger === undefined ? 0 : expectedGpus(ledger);
    const goal = `${name} rebooted and Ready${gpus === 0 ? '' : `, ${gpus} GPUs registered`}${cordoned ? ', still cordoned as before' : ''}`;
    const bare = leaving.filter((one) => one.bare);
    return {
      risk: bare.length > 0 ? 'destructive' : 'disruptive',
      changes: [
        ...emptying(name, uidOf(object), cordoned, leaving),
        ...rebooting(machine, name, before),
        ...(cordoned ? [] : [uncordonChange(name, uidOf(object))]),
      ],
      warnings: [...departureWarnings(name, residents, leaving, alone), ...controlPlaneWarnings(snapshot, name)],
      blockers: [
        ...quorumBlockers(snapshot, name),
        ...(await forbidden(
          world,
          { verb: 'patch', resource: 'nodes' },
          ...[...new Set(leaving.map(({ pod }) => pod.namespace))].map((namespace) => ({ verb: 'create', resource: 'pods/eviction', namespace })),
        )),
      ],
      undo: cordoned ? null : `the reboot cannot be taken back; where it is given up half way, ${kubectl(world, 'uncordon', name)}`,
      goal,
      verify: (seen, signal) => cameBack(seen, signal, { name, before, gpus, cordoned, goal }),
    };
  },
});

function emptying(name: string, uid: string, cordoned: boolean, leaving: readonly Resident[]): readonly Change[] {
  const cordon = patchChange({
    object: `node/${name}`,
    text: `Let no new pods be scheduled to ${name} (cordon)`,
    path: nodePath(name),
    type: 'strategic',
    uid,
    patch: { spec: { unschedulable: true } },
  });
  const uids = new Set(leaving.map(({ pod }) => pod.uid));
  const gone = waitChange({
    object: `node/${name}`,
    text: `the evicted pods have left ${name}`,
    timeoutMs: 10 * minute,
    condition: ({ pods }) => pods.value !== null && ![...pods.value.values()].some((pod) => uids.has(pod.uid)),
  });
  return [...(cordoned ? [] : [cordon]), ...leaving.map(evictionChange), ...(leaving.length === 0 ? [] : [gone])];
}

function rebooting(machine: Machine, name: string, before: readonly string[]): readonly Change[] {
  return [
    commandChange({ host: machine.name, text: 'Reboot', argv: ['systemctl', 'reboot'], cutOff: 'the connection ended with the machine' }),
    waitChange({
      object: `host/${machine.name}`,
      text: `${name} has booted anew`,
      timeoutMs: 15 * minute,
      condition: (snapshot) => bootIds(snapshot, name).some((id) => !before.includes(id)),
    }),
    waitChange({ object: `node/${name}`, text: `${name} is Ready`, timeoutMs: 10 * minute, condition: ({ nodes }) => isBack(nodes.value?.get(name), before) }),
  ];
}

/** Ready since its boot: for the first seconds the API still shows how it was before. */
function isBack(node: Node | undefined, before: readonly string[]): boolean {
  return node !== undefined && node.info.bootId !== null && !before.includes(node.info.bootId) && readiness(node) === 'ready';
}

function cameBack(
  world: World,
  signal: AbortSignal,
  {
    name,
    before,
    gpus,
    cordoned,
    goal,
  }: { readonly name: string; readonly before: readonly string[]; readonly gpus: number; readonly cordoned: boolean; readonly goal: string },
) {
  return lookFor(world, signal, {
    within: 5 * minute,
    goal,
    missing(snapshot) {
      const node = snapshot.nodes.value?.get(name);
      if (!isBack(node, before)) return `${name} is not back: ${node === undefined ? 'not seen' : `Ready is ${readiness(node)}`}`;
      if (node?.unschedulable !== cordoned) return `${name} is ${node?.unschedulable === true ? 'still' : 'no longer'} cordoned`;
      const offered = offeredGpus(snapshot, name);
      if (offered < gpus) return `${offered} of ${gpus} GPUs of ${name} registered`;
      const report = machineGpus(snapshot, name);
      return gpus > 0 && report !== null && report.status !== 'ok' ? `${name} is back, but nvidia-smi says: ${report.why}` : null;
    },
  });
}

function machineGpus(snapshot: ClusterSnapshot, name: string) {
  const facts = machineState(snapshot, name)?.facts ?? null;
  const seen = snapshot.machineGpus.value?.get(name);
  // What nvidia-smi said before the boot is of no interest.
  const bootedAt = factValue(facts?.bootedAt);
  return seen === undefined || bootedAt === null || seen.at < bootedAt ? null : seen.report;
}

/** What the machine itself says and what its kubelet told last: they differ for the first seconds after a boot. */
function bootIds(snapshot: ClusterSnapshot, name: string): readonly string[] {
  const told = [factValue(machineState(snapshot, name)?.facts?.bootId), snapshot.nodes.value?.get(name)?.info.bootId ?? null];
  return told.flatMap((id) => id ?? []);
}

/** GPUs that the node offers to pods. */
function offeredGpus(snapshot: ClusterSnapshot, name: string): number {
  return snapshot.gpus.value?.nodes.get(name)?.total.allocatable ?? 0;
}

function othersToGoTo({ nodes }: ClusterSnapshot, name: string): readonly Node[] {
  return [...(nodes.value?.values() ?? [])].filter(
    (node) =>
      node.name !== name &&
      !node.unschedulable &&
      readiness(node) === 'ready' &&
      !node.taints.some(({ key, effect }) => key === 'node-role.kubernetes.io/control-plane' && effect === 'NoSchedule'),
  );
}

function departureWarnings(name: string, residents: readonly Resident[], leaving: readonly Resident[], alone: boolean): readonly string[] {
  const names = (those: readonly Resident[]) => listed(those.map(({ pod }) => `${pod.namespace}/${pod.name}`));
  const there = residents.filter(({ fate }) => fate === 'evict');
  const [bare, scratch, held] = [leaving.filter((one) => one.bare), leaving.filter((one) => one.scratch), leaving.filter((one) => one.heldBy !== null)];
  const jobs = there.filter(({ pod }) => pod.owner?.kind === 'Job' && pod.phase === 'Running');
  const withGpus = there.filter(({ pod }) => (pod.deviceRequests?.size ?? 0) > 0);
  const budgets = [...new Set(held.map(({ pod, heldBy }) => `${pod.namespace}/${heldBy}`))];
  return [
    ...(alone && there.length > 0
      ? [
          `no other node can take pods: ${counted(there.length, 'pod')} on ${name} ${there.length === 1 ? 'stops with it and starts' : 'stop with it and start'} again after it`,
        ]
      : []),
    ...(leaving.length > 0 ? [`${counted(leaving.length, 'pod')} ${leaving.length === 1 ? 'is' : 'are'} evicted`] : []),
    ...(withGpus.length > 0 && !alone ? [`${counted(withGpus.length, 'pod')} with GPUs among them: without free GPUs elsewhere they wait`] : []),
    ...(jobs.length > 0 ? [`${counted(jobs.length, 'running Job pod')} ${jobs.length === 1 ? 'begins' : 'begin'} anew: ${names(jobs)}`] : []),
    ...(bare.length > 0 ? [`not recreated, since no controller owns ${bare.length === 1 ? 'it' : 'them'}: ${names(bare)}`] : []),
    ...(scratch.length > 0 ? [`${counted(scratch.length, 'pod')} ${scratch.length === 1 ? 'loses' : 'lose'} what is kept in emptyDir volumes`] : []),
    ...(budgets.length > 0 ? [`${listed(budgets)} allow${budgets.length === 1 ? 's' : ''} no eviction now: asked again for 5 min each, then given up`] : []),
  ];
}

function controlPlanes({ nodes }: ClusterSnapshot): readonly Node[] {
  return [...(nodes.value?.values() ?? [])].filter(({ roles }) => roles.includes('control-plane'));
}

function controlPlaneWarnings(snapshot: ClusterSnapshot, name: string): readonly string[] {
  const planes = controlPlanes(snapshot);
  if (!planes.some((node) => node.name === name)) return [];
  if (planes.length === 1) return ['it is the only control plane: the API server goes away until it is back; the rest is seen over SSH meanwhile'];
  return planes.length === 2 ? ['of two control planes both are needed: the API server goes away until it is back'] : [];
}

/** etcd of three or five members works on while one is away, not while two are. */
function quorumBlockers(snapshot: ClusterSnapshot, name: string): readonly string[] {
  const planes = controlPlanes(snapshot);
  if (planes.length < 3 || !planes.some((node) => node.name === name)) return [];
  const away = planes.filter((node) => node.name !== name && readiness(node) !== 'ready');
  const spare = Math.floor((planes.length - 1) / 2);
  return away.length + 1 > spare ? [`${listed(away.map((node) => node.name))} not Ready: without ${name} too, etcd would lose its quorum`] : [];
}
