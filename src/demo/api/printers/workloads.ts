import { humanDuration } from '../human-duration.js';
import { at, listAt, numberAt, stringsAt, textAt } from '../json.js';
import type { KubeObject } from '../object-store.js';
import { formatLabelSelector } from '../selectors.js';
import { age, columns, type Printer, since } from './printer.js';

export const deploymentPrinter: Printer = {
  columns: columns('Name', 'Ready', 'Up-to-date:integer', 'Available:integer', 'Age', 'Containers*', 'Images*', 'Selector*'),
  cells: (object, now) => [
    object.metadata.name,
    `${status(object, 'readyReplicas')}/${spec(object, 'replicas')}`,
    status(object, 'updatedReplicas'),
    status(object, 'availableReplicas'),
    age(object, now),
    ...template(object),
    formatLabelSelector(at(object, 'spec', 'selector')),
  ],
};

export const replicaSetPrinter: Printer = {
  columns: columns('Name', 'Desired:integer', 'Current:integer', 'Ready:integer', 'Age', 'Containers*', 'Images*', 'Selector*'),
  cells: (object, now) => [
    object.metadata.name,
    spec(object, 'replicas'),
    status(object, 'replicas'),
    status(object, 'readyReplicas'),
    age(object, now),
    ...template(object),
    formatLabelSelector(at(object, 'spec', 'selector')),
  ],
};

export const replicationControllerPrinter: Printer = {
  columns: replicaSetPrinter.columns,
  cells: (object, now) => [...replicaSetPrinter.cells(object, now).slice(0, 7), formatLabels(stringsAt(object, 'spec', 'selector'))],
};

export const daemonSetPrinter: Printer = {
  columns: columns(
    'Name',
    'Desired:integer',
    'Current:integer',
    'Ready:integer',
    'Up-to-date:integer',
    'Available:integer',
    'Node Selector',
    'Age',
    'Containers*',
    'Images*',
    'Selector*',
  ),
  cells: (object, now) => [
    object.metadata.name,
    status(object, 'desiredNumberScheduled'),
    status(object, 'currentNumberScheduled'),
    status(object, 'numberReady'),
    status(object, 'updatedNumberScheduled'),
    status(object, 'numberAvailable'),
    formatLabels(stringsAt(object, 'spec', 'template', 'spec', 'nodeSelector')),
    age(object, now),
    ...template(object),
    formatLabelSelector(at(object, 'spec', 'selector')),
  ],
};

export const statefulSetPrinter: Printer = {
  columns: columns('Name', 'Ready', 'Age', 'Containers*', 'Images*'),
  cells: (object, now) => [object.metadata.name, `${status(object, 'readyReplicas')}/${spec(object, 'replicas')}`, age(object, now), ...template(object)],
};

export const jobPrinter: Printer = {
  columns: columns('Name', 'Status', 'Completions', 'Duration', 'Age', 'Containers*', 'Images*', 'Selector*'),
  cells: (object, now) => [
    object.metadata.name,
    jobStatus(object),
    completions(object),
    jobDuration(object, now),
    age(object, now),
    ...template(object),
    formatLabelSelector(at(object, 'spec', 'selector')),
  ],
};

export const cronJobPrinter: Printer = {
  columns: columns('Name', 'Schedule', 'Timezone', 'Suspend:boolean', 'Active:integer', 'Last Schedule', 'Age', 'Containers*', 'Images*', 'Selector*'),
  cells: (object, now) => [
    object.metadata.name,
    textAt(object, 'spec', 'schedule'),
    textAt(object, 'spec', 'timeZone') || '<none>',
    at(object, 'spec', 'suspend') === true ? 'True' : 'False',
    listAt(object, 'status', 'active').length,
    textAt(object, 'status', 'lastScheduleTime') === '' ? '<none>' : since(textAt(object, 'status', 'lastScheduleTime'), now),
    age(object, now),
    ...containerCells(listAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers')),
    formatLabelSelector(at(object, 'spec', 'jobTemplate', 'spec', 'selector')),
  ],
};

export const controllerRevisionPrinter: Printer = {
  columns: columns('Name', 'Controller', 'Revision:integer', 'Age'),
  cells(object, now) {
    const owner = object.metadata.ownerReferences?.find((each) => each.controller === true);
    const group = owner?.apiVersion.includes('/') === true ? `.${owner.apiVersion.split('/')[0]}` : '';
    const controller = owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    return [object.metadata.name, controller, numberAt(object, 'revision'), age(object, now)];
  },
};

/** `a=1,b=2`, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join(',') || '<none>'
  );
}

function template(object: KubeObject): [string, string] {
  return containerCells(listAt(object, 'spec', 'template', 'spec', 'containers'));
}

function containerCells(containers: readonly unknown[]): [string, string] {
  return [containers.map((each) => textAt(each, 'name')).join(','), containers.map((each) => textAt(each, 'image')).join(',')];
}

function spec(object: KubeObject, key: string): number {
  return numberAt(object, 'spec', key);
}

function status(object: KubeObject, key: string): number {
  return numberAt(object, 'status', key);
}

function jobStatus(job: KubeObject): string {
  const isTrue = (type: string): boolean => listAt(job, 'status', 'conditions').some((each) => at(each, 'type') === type && at(each, 'status') === 'True');
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isTrue('Suspended')) return 'Suspended';
  if (isTrue('FailureTarget')) return 'FailureTarget';
  return isTrue('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions(job: KubeObject): string {
  const wanted = at(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${status(job, 'succeeded')}/${wanted}`;
  const parallelism = spec(job, 'parallelism');
  return parallelism > 1 ? `${status(job, 'succeeded')}/1 of ${parallelism}` : `${status(job, 'succeeded')}/1`;
}

function jobDuration(job: KubeObject, now: number): string {
  const started = textAt(job, 'status', 'startTime');
  if (started === '') return '';
  const completed = textAt(job, 'status', 'completionTime');
  return humanDuration((completed === '' ? now : Date.parse(completed)) - Date.parse(started));
}
