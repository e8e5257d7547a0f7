import { whyMissing } from '../../state/freshness.js';
import type { HostFacts, HostService } from '../../state/hosts.js';
import { duration } from '../../text/age.js';
import type { NodeSight } from './node-sight.js';
import type { Step, StepSeen } from './step.js';

/** What is seen of the machine itself: power, driver, container runtime, kubelet. */
export const machineSteps: readonly Step[] = [
  { id: 'ssh', needs: [], checks: [], patienceMs: 180_000, look: ssh },
  {
    id: 'driver',
    needs: ['ssh'],
    checks: ['nvidia-smi', 'driver-lib-match', 'nouveau-absent', 'modules', 'gpu-xid'],
    patienceMs: 60_000,
    look: driver,
  },
  { id: 'runtime', needs: ['ssh'], checks: ['runtime-service', 'runtime-binaries', 'failed-units'], patienceMs: 60_000, look: runtime },
  {
    id: 'kubelet',
    needs: ['ssh', 'runtime'],
    checks: ['kubelet-service', 'swap-zero', 'cgroup-v2', 'kubelet-heartbeat', 'certs'],
    patienceMs: 60_000,
    look: kubelet,
  },
];

function ssh({ snapshot, host }: NodeSight): StepSeen {
  const name = host?.road === 'this machine' ? 'this machine' : 'SSH answers';
  if (snapshot.hosts.value === null) {
    const why = whyMissing(snapshot.hosts) ?? '';
    return { name, state: snapshot.hosts.freshness.status === 'loading' ? 'unknown' : 'skipped', fact: why === 'loading' ? 'not looked at yet' : why };
  }
  if (host === null) return { name, state: 'skipped', fact: 'no machine of this name is looked at' };
  const { contact } = host;
  switch (contact.status) {
    case 'connected':
      return { name, state: 'done', fact: '', seenAt: contact.since };
    case 'connecting':
      return { name, state: 'unknown', fact: 'connecting' };
    case 'asking':
      return { name, state: 'unknown', fact: contact.question };
    case 'lost':
      return { name, state: 'open', fact: contact.why };
    case 'refused':
      return { name, state: 'skipped', fact: contact.why };
  }
}

function driver(sight: NodeSight): StepSeen | null {
  const { facts, gpus } = sight;
  const cards = facts?.pciGpus.known === true ? facts.pciGpus.value : 0;
  if ((gpus.expected === 0 || !gpus.nvidia) && cards === 0) return null;
  if (facts === null) return { name: 'driver', ...unseen(sight) };
  if (!facts.driver.known) return { name: 'driver', state: 'unknown', fact: facts.driver.why };
  const kernel = facts.kernel.known ? `kernel ${facts.kernel.value}` : '';
  const { module } = facts.driver.value;
  if (module === null) return { name: 'driver', state: 'open', fact: kernel === '' ? 'not loaded' : `not loaded, ${kernel}` };
  return { name: `driver ${module}`, state: 'done', fact: kernel };
}

function runtime(sight: NodeSight): StepSeen {
  const { facts, reporting } = sight;
  const name = runtimeName(sight);
  const service = facts === null ? null : runtimeService(facts);
  // A kubelet that reports has a runtime to talk to, whatever its unit is called.
  if (service === null || service.active === 'unknown') return reporting ? { name, state: 'done', fact: '' } : { name, ...unseen(sight) };
  if (service.active === 'active') return { name, state: 'done', fact: '', doneAt: activeAt(service, sight) };
  return { name, state: 'open', fact: service.active, broken: service.active === 'failed' };
}

function kubelet(sight: NodeSight): StepSeen {
  const { facts, reporting, answered, snapshot, now } = sight;
  const name = 'kubelet';
  const service = facts?.services.known === true ? facts.services.value.find((unit) => unit.name === 'kubelet') : undefined;
  const lease = snapshot.leases.value?.get(sight.name);
  const doneAt = service?.active === 'active' ? activeAt(service, sight) : null;
  if (reporting) return { name, state: 'done', fact: lease === undefined ? '' : `heartbeat ${duration(now - lease.seenAt)} ago`, doneAt };
  if (service === undefined) {
    if (!answered) return { name, ...unseen(sight) };
    return { name, state: 'open', fact: lease === undefined ? 'no heartbeat' : `no heartbeat for ${duration(now - lease.seenAt)}` };
  }
  if (service.active !== 'active') return { name, state: 'open', fact: service.active, broken: service.active === 'failed' };
  return answered ? { name, state: 'open', fact: 'active, no heartbeat yet' } : { name, state: 'done', fact: 'active', doneAt };
}

/** Why nothing is known of the machine: it may still answer, or nobody looks at it. */
function unseen(sight: NodeSight): { readonly state: StepSeen['state']; readonly fact: string } {
  const road = ssh(sight);
  if (road.state === 'skipped') return { state: 'skipped', fact: 'only the machine itself tells' };
  return { state: road.state === 'open' ? 'open' : 'unknown', fact: '' };
}

function runtimeName({ facts, node, remembered }: NodeSight): string {
  const told = node?.info.containerRuntimeVersion ?? remembered?.runtime ?? null;
  const [, program = '', version = ''] = /^([\w-]+):\/\/(.+)$/.exec(told ?? '') ?? [];
  if (program !== '') return `${program === 'cri-o' ? 'CRI-O' : program} ${version}`;
  const service = facts === null ? null : runtimeService(facts);
  return service === null ? 'container runtime' : service.name === 'crio' ? 'CRI-O' : service.name;
}

/** When systemd had the unit up. */
function activeAt({ activeSinceBootMs }: HostService, { bootedAt }: NodeSight): number | null {
  return bootedAt === null || activeSinceBootMs === undefined ? null : bootedAt + activeSinceBootMs;
}

function runtimeService({ services, runtimeConfig }: HostFacts): HostService | null {
  if (!services.known) return null;
  const wanted = runtimeConfig.known ? runtimeConfig.value.runtime : null;
  const found = services.value.filter(({ name }) => ['crio', 'containerd', 'docker'].includes(name));
  return found.find(({ name }) => name === wanted) ?? found.find(({ active }) => active === 'active') ?? found[0] ?? null;
}
