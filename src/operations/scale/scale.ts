import { defineFix, fieldForms } from '../fix.js';
import type { Operation } from '../operation.js';
import { proposeScaling } from './propose-scaling.js';
import { listTargets } from './scale-targets.js';

const kind = /^[A-Za-z][A-Za-z0-9.-]{0,252}$/;
const replicas = /^-?\d{1,9}$/;
/** `pin` holds autoscalers at the number first; '' leaves them. */
const autoscaler = /^(?:pin)?$/;

/** Gives a workload another number of replicas. */
export const scale: Operation = defineFix({
  id: 'scale',
  title: 'give a workload another number of replicas',
  fields: { kind, namespace: fieldForms.object, name: fieldForms.object, replicas, autoscaler },
  headline: (field) => `Scale ${field('kind').toLowerCase()} ${field('namespace')}/${field('name')} to ${field('replicas')}`,
  subject: (field) => field('name'),
  propose(field, world) {
    const target = { kind: field('kind'), namespace: field('namespace'), name: field('name') };
    return proposeScaling(world, [target], Number(field('replicas')), field('autoscaler') === 'pin');
  },
});

/** Gives several workloads the same number of replicas; `targets` is `Kind/namespace/name` with spaces between. */
export const scaleMany: Operation = defineFix({
  id: 'scale-many',
  title: 'give several workloads another number of replicas',
  fields: {
    targets: /^[A-Za-z][\w.-]*\/[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(?: [A-Za-z][\w.-]*\/[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*)*$/,
    replicas,
    autoscaler,
  },
  headline: (field) => `Scale ${listTargets(field('targets')).length} workloads to ${field('replicas')} each`,
  subject: (_, world) => world.context,
  propose: (field, world) => proposeScaling(world, listTargets(field('targets')), Number(field('replicas')), field('autoscaler') === 'pin'),
});
