import type { KubeObject } from '../api/object-store.js';
import { listAt, textAt } from '../fields.js';
import { statusOf, withCondition, writeStatus } from './objects.js';
import type { World } from './world.js';

/** Keeps the Available condition of APIServices that a service of the cluster answers for: without a ready pod behind it there is nobody to ask. */
export function startApiServices(world: World): (() => void)[] {
  return [
    world.store.subscribe('endpoints', ({ type, object }) => {
      if (type === 'DELETED') return;
      for (const apiService of world.store.list(resource)) {
        const { name, namespace } = object.metadata;
        if (textAt(apiService, 'spec', 'service', 'name') === name && textAt(apiService, 'spec', 'service', 'namespace') === namespace)
          judge(world, apiService, object);
      }
    }),
  ];
}

const resource = 'apiservices.apiregistration.k8s.io';

function judge(world: World, apiService: KubeObject, endpoints: KubeObject): void {
  const answered = listAt(endpoints, 'subsets').some((subset) => listAt(subset, 'addresses').length > 0);
  const { name, namespace = '' } = endpoints.metadata;
  const port = textAt(listAt(world.store.get('services', name, namespace), 'spec', 'ports')[0], 'name') ?? '';
  const condition = answered
    ? { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MissingEndpoints',
        message: `endpoints for service/${name} in "${namespace}" have no addresses with port name "${port}"`,
      };
  writeStatus(world.store, resource, apiService, { ...statusOf(apiService), conditions: withCondition(apiService, condition, world.clock.now()) });
}
