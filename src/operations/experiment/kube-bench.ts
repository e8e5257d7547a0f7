import { at, list, number, text } from '../../kube/json.js';
import { KubeError } from '../../kube/kube-error.js';
import type { PrometheusClient } from '../../prometheus/client.js';
import type { ExperimentWorkload } from '../../state/experiments.js';
import { workloadPlace } from '../cluster-reading.js';
import type { World } from '../operation.js';
import { autoscalersOf } from '../scale/autoscalers.js';
import { scalablePlace } from '../scale/scalable.js';
import { fieldManager, patchTypes } from '../steps.js';
import type { Bench, WorkloadNow } from './bench.js';
import { measurePhase, scrapeInterval } from './measures.js';

/** The bench of a cluster with its Prometheus. `writeResults` is the caller's: files are no matter of the cluster. */
export function kubeBench(world: World, prometheus: PrometheusClient, writeResults: Bench['writeResults']): Bench {
  const { client } = world;
  return {
    async look(workload) {
      try {
        return workloadNow((await client.request(placeOf(workload).path)).body);
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return null;
        throw error;
      }
    },
    async scale(workload, replicas) {
      await client.request(`${placeOf(workload).path}/scale`, {
        method: 'PATCH',
        contentType: patchTypes.merge,
        query: { fieldManager },
        body: { spec: { replicas } },
        timeoutMs: 15_000,
      });
    },
    async autoscalers(workload) {
      const place = placeOf(workload);
      const own = async (group: string, plural: string) =>
        list(at((await client.request(`/apis/${group}/namespaces/${encodeURIComponent(place.namespace)}/${plural}`)).body, 'items'));
      const [pods, scaledObjects] = await Promise.all([
        own('autoscaling/v2', 'horizontalpodautoscalers'),
        own('keda.sh/v1alpha1', 'scaledobjects').catch(() => []),
      ]);
      const known = await scalablePlace(world, workload.kind, workload.namespace, workload.name);
      return autoscalersOf(known, pods, scaledObjects).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    },
    async prometheusNow() {
      // Asked anew each time: whether it answers is the question.
      const { value } = await prometheus.query('vector(time())', { timeoutMs: 5_000 });
      const seconds = value[0]?.value;
      if (seconds == null) throw new Error('Prometheus does not tell its time');
      return seconds * 1000;
    },
    async measure(workloads, span) {
      return measurePhase(prometheus, workloads, span, await scrapeInterval(prometheus));
    },
    writeResults,
  };
}

function placeOf({ kind, namespace, name }: ExperimentWorkload) {
  return workloadPlace(kind, namespace, name);
}

/** A workload's numbers as the API has them. */
export function workloadNow(object: unknown): WorkloadNow {
  const status = (field: string) => number(at(object, 'status', field)) ?? 0;
  const generation = number(at(object, 'metadata', 'generation')) ?? 0;
  return {
    uid: text(at(object, 'metadata', 'uid')) ?? '',
    generation,
    wanted: number(at(object, 'spec', 'replicas')) ?? 1,
    current: status('replicas'),
    ready: status('readyReplicas'),
    observed: status('observedGeneration') >= generation,
  };
}
