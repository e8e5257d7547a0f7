import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRunning } from './journal/writing-process.js';
import type { KubeClient } from './kube/client.js';
import { startDetached } from './operations/experiment/detach.js';
import { experimentText, parseExperiment, standardExperiment } from './operations/experiment/experiment-file.js';
import { kubeBench } from './operations/experiment/kube-bench.js';
import { prepareExperiment, resumedPlan } from './operations/experiment/prepare.js';
import { resumption } from './operations/experiment/resume.js';
import { roomFor } from './operations/experiment/room.js';
import { experimentFiles } from './operations/experiment/state-file.js';
import type { World } from './operations/operation.js';
import { createWorld } from './operations/world.js';
import { chosenService } from './prometheus/chosen-service.js';
import { createPrometheusClient, type PrometheusClient } from './prometheus/client.js';
import { findPrometheus, reach } from './prometheus/discovery.js';
import { urlRoad } from './prometheus/road.js';
import { seeServices } from './prometheus/services.js';
import { urlAccess } from './prometheus/url-access.js';
import type { ExperimentState, Experiments } from './state/experiments.js';
import type { Store } from './state/store.js';

export interface ExperimentsOptions {
  readonly client: KubeClient;
  readonly store: Store;
  readonly context: string;
  /** As given on the command line; null: as kubectl finds it. */
  readonly kubeconfig: string | null;
  /** A URL, or `namespace/service:port`; null: found in the cluster. */
  readonly prometheusUrl: string | null;
  readonly readOnly: boolean;
  /** The cluster lives in this process. */
  readonly demo: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The person's own. */
  readonly homeDir: string;
}

/** Experiments on one cluster, carried out by processes of their own. */
export function createExperiments(options: ExperimentsOptions): Experiments {
  const { client, store, context, kubeconfig, prometheusUrl, readOnly, demo, env, homeDir } = options;
  const files = experimentFiles(env, homeDir);
  const world: World = createWorld({
    client,
    store,
    context,
    host: () => Promise.reject(new Error('an experiment logs in to no machine')),
    refresh: () => undefined,
  });
  const alive = (state: ExperimentState) => state.status === 'running' && isRunning(state.process) !== false;
  const connection = [
    '--context',
    context,
    ...(kubeconfig === null ? [] : ['--kubeconfig', resolve(kubeconfig)]),
    ...(prometheusUrl === null ? [] : ['--prometheus', prometheusUrl]),
  ];
  return {
    async plan(source) {
      const spec = 'file' in source ? parseExperiment(source.file, await textOf(source.file)) : standardExperiment(source.workload, process.cwd());
      const file = 'file' in source ? resolve(source.file) : null;
      const prometheus = await prometheusOf(client, prometheusUrl, env);
      const left = await files.read(spec.name);
      const own = demo
        ? ['this demo cluster ends with this program, and an experiment goes on: gpuk8s-tui demo --kubeconfig-out FILE starts one that stays']
        : [];
      if (left?.status === 'running') {
        if (alive(left)) throw new Error(`experiment ${spec.name} runs already`);
        const bench = typeof prometheus === 'string' ? null : kubeBench(world, prometheus, async () => []);
        const [now, workloads] = await Promise.all([
          bench?.prometheusNow() ?? Date.now(),
          Promise.all(left.workloads.map((workload) => bench?.look(workload) ?? null)),
        ]);
        const resumed = resumption(left, workloads, now);
        const why = typeof prometheus === 'string' ? [`nothing would measure it: ${prometheus}`] : resumed.can ? [] : [resumed.why];
        return { ...resumedPlan(left, context), blockers: [...own, ...(readOnly ? ['this session is read-only: nothing is changed from here'] : []), ...why] };
      }
      const { plan } = await prepareExperiment(spec, { world, prometheus, files, readOnly, roomFor, file });
      return { ...plan, blockers: [...own, ...plan.blockers] };
    },
    async start({ spec, file, blockers }) {
      if (blockers.length > 0) throw new Error(`this cannot be done as things are: ${blockers.join('; ')}`);
      const described = file ?? join(files.folder, `${spec.name}.yaml`);
      if (file === null) {
        await mkdir(files.folder, { recursive: true, mode: 0o700 });
        await writeFile(described, experimentText(spec), { mode: 0o600 });
      }
      await startDetached(spec.name, ['experiment', 'run', described, '--yes', ...connection], files);
      return spec.name;
    },
    seen: async () => (await files.readAll()).map((state) => ({ state, alive: alive(state) })),
    async stop(name) {
      if (readOnly) throw new Error('this session is read-only: nothing is changed from here');
      const state = await files.read(name);
      if (state === null || state.status !== 'running') return;
      if (alive(state)) return files.askToStop(name);
      await startDetached(name, ['experiment', 'stop', name, ...connection], files);
    },
  };
}

/** A Prometheus that answers, or why there is none. */
async function prometheusOf(client: KubeClient, url: string | null, env: NodeJS.ProcessEnv): Promise<PrometheusClient | string> {
  try {
    const service = url === null ? null : chosenService(url);
    if (url !== null && service === null) {
      const works = (road: Parameters<typeof createPrometheusClient>[0]) => createPrometheusClient(road).version();
      return createPrometheusClient(await reach(urlRoad(url, urlAccess(env)), works, async () => []));
    }
    const found = await findPrometheus(client, await seeServices(client), undefined, service);
    if (found.status === 'found') return found.value;
    return found.status === 'denied' ? 'not allowed to get services/proxy' : found.why;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}`);
  });
}
