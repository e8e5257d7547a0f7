import { at, isObject, listAt, numberAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { age, columns, type Printer, since } from './printer.js';

export const podPrinter: Printer = {
  columns: columns('Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP*', 'Node*', 'Nominated Node*', 'Readiness Gates*'),
  cells(pod, now) {
    const { ready, total, status, restarts } = summary(pod, now);
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      status,
      restarts,
      age(pod, now),
      textAt(pod, 'status', 'podIP') || '<none>',
      textAt(pod, 'spec', 'nodeName') || '<none>',
      textAt(pod, 'status', 'nominatedNodeName') || '<none>',
      readinessGates(pod),
    ];
  },
  conditions(pod) {
    const phase = textAt(pod, 'status', 'phase');
    if (phase === 'Succeeded') return [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }];
    if (phase === 'Failed') return [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }];
    return undefined;
  },
};

function summary(pod: KubeObject, now: number): { ready: number; total: number; status: string; restarts: string } {
  const phase = textAt(pod, 'status', 'phase');
  const initContainers = listAt(pod, 'spec', 'initContainers');
  const sidecars = new Set(initContainers.filter(isSidecar).map((container) => textAt(container, 'name')));
  let status = textAt(pod, 'status', 'reason') || phase;
  if (conditions(pod).some((each) => at(each, 'type') === 'PodScheduled' && at(each, 'reason') === 'SchedulingGated')) status = 'SchedulingGated';
  const total = listAt(pod, 'spec', 'containers').length + sidecars.size;
  let ready = 0;
  let restarts = 0;
  let sidecarRestarts = 0;
  let lastRestart = '';
  let lastSidecarRestart = '';
  let initializing = false;
  const initStatuses = listAt(pod, 'status', 'initContainerStatuses');
  for (const [index, container] of initStatuses.entries()) {
    const sidecar = sidecars.has(textAt(container, 'name'));
    restarts += numberAt(container, 'restartCount');
    lastRestart = later(lastRestart, textAt(container, 'lastState', 'terminated', 'finishedAt'));
    if (sidecar) {
      sidecarRestarts += numberAt(container, 'restartCount');
      lastSidecarRestart = later(lastSidecarRestart, textAt(container, 'lastState', 'terminated', 'finishedAt'));
    }
    const terminated = at(container, 'state', 'terminated');
    const waiting = textAt(container, 'state', 'waiting', 'reason');
    if (isObject(terminated) && numberAt(terminated, 'exitCode') === 0) continue;
    if (sidecar && at(container, 'started') === true) {
      if (at(container, 'ready') === true) ready += 1;
      continue;
    }
    if (isObject(terminated)) status = `Init:${ended(terminated)}`;
    else if (waiting !== '' && waiting !== 'PodInitializing') status = `Init:${waiting}`;
    else status = `Init:${index}/${initContainers.length}`;
    initializing = true;
    break;
  }
  if (!initializing || conditions(pod).some((each) => at(each, 'type') === 'Initialized' && at(each, 'status') === 'True')) {
    restarts = sidecarRestarts;
    lastRestart = lastSidecarRestart;
    let running = false;
    for (const container of listAt(pod, 'status', 'containerStatuses').toReversed()) {
      restarts += numberAt(container, 'restartCount');
      lastRestart = later(lastRestart, textAt(container, 'lastState', 'terminated', 'finishedAt'));
      const terminated = at(container, 'state', 'terminated');
      const waiting = textAt(container, 'state', 'waiting', 'reason');
      if (waiting !== '') status = waiting;
      else if (isObject(terminated)) status = ended(terminated);
      else if (at(container, 'ready') === true && isObject(at(container, 'state', 'running'))) {
        running = true;
        ready += 1;
      }
    }
    if (status === 'Completed' && running) {
      status = conditions(pod).some((each) => at(each, 'type') === 'Ready' && at(each, 'status') === 'True') ? 'Running' : 'NotReady';
    }
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (textAt(pod, 'status', 'reason') === 'NodeLost') status = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') status = 'Terminating';
  }
  return { ready, total, status, restarts: restarts > 0 && lastRestart !== '' ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts) };
}

function ended(terminated: unknown): string {
  const reason = textAt(terminated, 'reason');
  if (reason !== '') return reason;
  const signal = numberAt(terminated, 'signal');
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`;
}

function isSidecar(container: unknown): boolean {
  return at(container, 'restartPolicy') === 'Always';
}

function conditions(pod: KubeObject): readonly unknown[] {
  return listAt(pod, 'status', 'conditions');
}

/** RFC 3339 in UTC sorts as text. */
function later(a: string, b: string): string {
  return a > b ? a : b;
}

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType'));
  if (gates.length === 0) return '<none>';
  const fulfilled = gates.filter((gate) => conditions(pod).some((each) => at(each, 'type') === gate && at(each, 'status') === 'True'));
  return `${fulfilled.length}/${gates.length}`;
}
