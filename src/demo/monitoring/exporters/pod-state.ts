import type { KubeObject, ObjectStore } from '../../api/object-store.js';
import { controllerOf } from '../../controllers/objects.js';
import { nodeOf, phaseOf } from '../../controllers/pod-state.js';
import { quantity } from '../../controllers/quantity.js';
import { at, fieldsAt, listAt, numberAt, textAt } from '../../fields.js';
import { seconds } from '../model/pod-record.js';
import { counter, type Family, type LabelPairs, type Wants } from './family.js';
import { resourceLabels } from './node-state.js';
import { createdAt, type State, stateFamily } from './object-state.js';

/** kube-state-metrics about pods and their containers. */
export function podStateFamilies(store: ObjectStore): Family[] {
  const family = (name: string, help: string, states: (pod: KubeObject, wants: Wants) => Iterable<State>): Family =>
    stateFamily(`kube_pod_${name}`, help, () => store.list('pods'), identityOf, states);
  return [
    family('created', '[STABLE] Unix creation timestamp', (pod) => [[[], createdAt(pod) ?? 0]]),
    family('start_time', '[STABLE] Start time in unix timestamp for a pod.', (pod) => {
      const start = seconds(textAt(pod, 'status', 'startTime'));
      return start === null ? [] : [[[], start]];
    }),
    family('info', '[STABLE] Information about pod.', (pod) => [[infoOf(pod), 1]]),
    family('owner', "[STABLE] Information about the Pod's owner.", (pod) => [[ownerOf(pod), 1]]),
    family('status_phase', '[STABLE] The pods current phase.', (pod, wants) => choices('phase', phases, phaseOf(pod), wants)),
    family('status_reason', 'The pod status reasons', (pod, wants) => choices('reason', reasons, textAt(pod, 'status', 'reason'), wants)),
    family('status_ready', '[STABLE] Describes whether the pod is ready to serve requests.', (pod, wants) => conditionOf(pod, 'Ready', wants)),
    family('status_scheduled', '[STABLE] Describes the status of the scheduling process for the pod.', (pod, wants) => conditionOf(pod, 'PodScheduled', wants)),
    family('container_info', '[STABLE] Information about a container in a pod.', (pod) =>
      eachStatus(pod, (status) => [
        [
          ['image', textAt(status, 'image') ?? ''],
          ['container_id', textAt(status, 'containerID') ?? ''],
        ],
        1,
      ]),
    ),
    resources(family, 'requests', 'requested request'),
    resources(family, 'limits', 'requested limit'),
    family('container_status_ready', '[STABLE] Describes whether the containers readiness check succeeded.', (pod) =>
      eachStatus(pod, (status) => [[], Number(at(status, 'ready') === true)]),
    ),
    family('container_status_running', '[STABLE] Describes whether the container is currently in running state.', (pod) =>
      eachStatus(pod, (status) => [[], Number(at(status, 'state', 'running') !== undefined)]),
    ),
    family('container_status_waiting', '[STABLE] Describes whether the container is currently in waiting state.', (pod) =>
      eachStatus(pod, (status) => [[], Number(at(status, 'state', 'waiting') !== undefined)]),
    ),
    family('container_status_waiting_reason', '[STABLE] Describes the reason the container is currently in waiting state.', (pod) =>
      eachStatus(pod, (status) => reasonOf(textAt(status, 'state', 'waiting', 'reason'))),
    ),
    family('container_status_terminated_reason', 'Describes the reason the container is currently in terminated state.', (pod) =>
      eachStatus(pod, (status) => reasonOf(textAt(status, 'state', 'terminated', 'reason'))),
    ),
    family('container_status_last_terminated_reason', 'Describes the last reason the container was in terminated state.', (pod) =>
      eachStatus(pod, (status) => reasonOf(textAt(status, 'lastState', 'terminated', 'reason'))),
    ),
    asCounter(
      family('container_status_restarts_total', '[STABLE] The number of container restarts per container.', (pod) =>
        eachStatus(pod, (status) => [[], numberAt(status, 'restartCount') ?? 0]),
      ),
    ),
  ];
}

const phases = ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'];
const reasons = ['Evicted', 'NodeAffinity', 'NodeLost', 'Shutdown', 'UnexpectedAdmissionError'];

function identityOf(pod: KubeObject): LabelPairs {
  return [
    ['namespace', pod.metadata.namespace ?? 'default'],
    ['pod', pod.metadata.name],
    ['uid', pod.metadata.uid ?? ''],
  ];
}

function infoOf(pod: KubeObject): LabelPairs {
  const owner = controllerOf(pod);
  return [
    ['host_ip', textAt(pod, 'status', 'hostIP') ?? ''],
    ['pod_ip', textAt(pod, 'status', 'podIP') ?? ''],
    ['node', nodeOf(pod) ?? ''],
    ['created_by_kind', owner?.kind ?? ''],
    ['created_by_name', owner?.name ?? ''],
    ['priority_class', textAt(pod, 'spec', 'priorityClassName') ?? ''],
    ['host_network', String(at(pod, 'spec', 'hostNetwork') === true)],
  ];
}

function ownerOf(pod: KubeObject): LabelPairs {
  const owner = controllerOf(pod);
  return [
    ['owner_kind', owner?.kind ?? ''],
    ['owner_name', owner?.name ?? ''],
    ['owner_is_controller', owner === null ? '' : 'true'],
  ];
}

/** One series per possible value, 1 for the one that holds. With ten thousand dead pods only those asked for are made. */
function* choices(label: string, values: readonly string[], current: string | null, wants: Wants): Iterable<State> {
  for (const value of values) if (wants(label, value)) yield [[[label, value]], Number(value === current)];
}

function* conditionOf(pod: KubeObject, type: string, wants: Wants): Iterable<State> {
  const condition = listAt(pod, 'status', 'conditions').find((each) => textAt(each, 'type') === type);
  if (condition !== undefined) yield* choices('condition', ['true', 'false', 'unknown'], textAt(condition, 'status')?.toLowerCase() ?? null, wants);
}

function* eachStatus(pod: KubeObject, state: (status: unknown) => State | null): Iterable<State> {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const own = state(status);
    if (own !== null) yield [[['container', textAt(status, 'name') ?? ''], ...own[0]], own[1]];
  }
}

function reasonOf(reason: string | null): State | null {
  return reason === null ? null : [[['reason', reason]], 1];
}

type PodFamily = (name: string, help: string, states: (pod: KubeObject, wants: Wants) => Iterable<State>) => Family;

function resources(family: PodFamily, field: 'requests' | 'limits', what: string): Family {
  const help = `The number of ${what} resource by a container. It is recommended to use the kube_pod_resource_${field} metric exposed by kube-scheduler instead, as it is more precise.`;
  return family(`container_resource_${field}`, help, function* (pod) {
    for (const container of listAt(pod, 'spec', 'containers')) {
      const name = textAt(container, 'name') ?? '';
      for (const [resource, amount] of Object.entries(fieldsAt(container, 'resources', field))) {
        yield [[['container', name], ['node', nodeOf(pod) ?? ''], ...resourceLabels(resource)], quantity(amount)];
      }
    }
  });
}

function asCounter({ name, help, series }: Family): Family {
  return counter(name, help, series);
}
