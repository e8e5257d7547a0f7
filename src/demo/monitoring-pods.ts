import type { KubeObject } from './api/object-store.js';
import { appOf } from './controllers/pod-faults.js';
import { isActive, isReady } from './controllers/pod-state.js';
import type { World } from './controllers/world.js';
import type { DemoFaults } from './monitoring/world.js';

/** Lets Prometheus, Grafana and Alertmanager answer while a pod of theirs is ready, and only then. Returns what ends it. */
export function followMonitoring(world: World, faults: DemoFaults): () => void {
  const look = (app: string): boolean => !world.pods.inNamespace('monitoring').some((pod) => appOf(pod) === app && isActive(pod) && isReady(pod));
  const follow = (): void => {
    faults.prometheusDown = look('prometheus');
    faults.grafanaDown = look('grafana');
    faults.alertmanagerDown = look('alertmanager');
  };
  follow();
  return world.store.subscribe('pods', ({ object }) => {
    if (isMonitoring(object)) follow();
  });
}

function isMonitoring(pod: KubeObject): boolean {
  return pod.metadata.namespace === 'monitoring' && ['prometheus', 'grafana', 'alertmanager'].includes(appOf(pod));
}
