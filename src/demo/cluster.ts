import { randomBytes } from 'node:crypto';
import { createObjectStore } from './api/memory-store.js';
import type { ApiServer } from './api/server.js';
import { startApiServer } from './api/server.js';
import { admitSentPod } from './controllers/pod-admission.js';
import { securityWarnings } from './controllers/security-warnings.js';
import { kubeconfigs } from './kubeconfigs.js';
import { kubeletAnswer } from './kubelet-proxy.js';
import { execInContainer } from './machines/container-exec.js';
import { exporterAnswer } from './machines/exporter-answer.js';
import { wordsReadInput } from './machines/shell/shell.js';
import type { DemoSsh } from './machines/ssh/ssh-access.js';
import { startMachines } from './machines/start.js';
import { type DemoMemory, demoMemory } from './memory.js';
import { targetsOf } from './monitoring/targets.js';
import type { DemoFaults } from './monitoring/world.js';
import { startMonitoring } from './monitoring-listeners.js';
import { podLog } from './pod-log.js';
import { resourceMetrics } from './resource-metrics.js';
import { loadScenario, type Scenario } from './scenario.js';
import type { Happening } from './scenario-steps.js';
import { type DemoSetupChoice, demoSetupChoice } from './setup-choice.js';
import { createSimulation } from './simulation.js';

/** What to start. */
export interface DemoOptions {
  /** Name of a file in assets/demo/, without `.json`. */
  readonly scenario: string;
  /** In `evictions`: how many evicted pods; elsewhere: how many living pods, filled up with small ones. Default: as the scenario says. */
  readonly pods?: number;
  /** How many nodes, filled up with plain GPU workers. Default and least: as the scenario says. */
  readonly nodes?: number;
  /** Changes of pods per second, for measuring. Default 0. */
  readonly churn?: number;
  /** A real Prometheus to put behind the cluster's service proxy instead of the demo's own. */
  readonly prometheusUrl?: string;
  /** How many times faster than in life a scenario's steps and the starts of containers come; for tests. Default 1. */
  readonly speed?: number;
  /** How many machines, from the last on, take SSH connections and never answer; for measuring. Default 0. */
  readonly hungHosts?: number;
}

/** A running demo cluster; everything listens on 127.0.0.1. */
export interface DemoCluster {
  readonly scenario: string;
  /** https://127.0.0.1:PORT */
  readonly server: string;
  /** kubeconfig documents as YAML text, CA and token inside; contexts `demo` (admin, the current one) and `demo-viewer`. */
  readonly kubeconfig: string;
  /** The same for the view-only user alone; context name `demo`. */
  readonly viewerKubeconfig: string;
  /** Base URL at which the Prometheus behind the service proxy answers directly. */
  readonly prometheusUrl: string;
  /** The same of the demo's own Prometheus, whichever is behind the service proxy. */
  readonly ownPrometheusUrl: string;
  /** Scrape URLs of the demo's exporters, for a real Prometheus. */
  readonly exporters: readonly { readonly job: string; readonly instance: string; readonly url: string }[];
  /** The machines behind the nodes, over SSH. */
  readonly ssh: DemoSsh;
  /** What somebody who looked at it yesterday evening would remember. */
  readonly memory: DemoMemory;
  /** What its maker chose in guided setup. */
  readonly setup: DemoSetupChoice;
  /** Lets one step of a scenario happen now. */
  perform(step: Happening): void;
  close(): Promise<void>;
}

/**
 * Starts a demo cluster in this process. Rejects with an Error of one sentence for an unknown or broken scenario, a Prometheus URL that is
 * none, or where nothing can listen on the loopback address.
 */
export async function startDemoCluster(options: DemoOptions): Promise<DemoCluster> {
  const scenario = loadScenario(options.scenario);
  const start = Date.now();
  const faults: DemoFaults = { prometheusDown: false, grafanaDown: false, alertmanagerDown: false, targetsDown: new Map() };
  const simulation = createSimulation({ scenario, options, start, faults, createStore: createObjectStore });
  const { world } = simulation;
  const token = () => randomBytes(24).toString('base64url');
  const [admin, viewer] = [
    { name: 'demo-admin', token: token(), groups: ['system:masters'], role: 'cluster-admin' as const },
    { name: 'demo-viewer', token: token(), role: 'view' as const },
  ];
  let api: ApiServer | null = null;
  const closing: (() => Promise<void> | void)[] = [() => simulation.close()];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const monitoring = await startMonitoring(
      { store: world.store, startedAt: start, faults, now: world.clock.now, bootedAt: simulation.bootedAt, machineOf: world.machines.get },
      options.prometheusUrl,
    );
    closing.push(() => monitoring.close());
    api = await startApiServer({
      store: world.store,
      users: [admin, viewer],
      version: 'v1.36.2',
      certificate: certificateOf(scenario, start),
      hooks: {
        admitPod: (pod) => admitSentPod(world, pod),
        resourceMetrics: (resource) => resourceMetrics(world, resource),
        warnings: (object, previous) => securityWarnings(world, object, previous),
        podLog: (pod, wanted) => podLog(world, pod, wanted),
        podExec: (pod, wanted) => execInContainer(world, monitoring.model, pod, wanted),
        readsInput: wordsReadInput,
        podProxy: (pod, port, path) => exporterAnswer(monitoring.model, pod, port, path),
        nodeProxy: (node, path) => kubeletAnswer(world, node, path),
        dial: monitoring.dial,
      },
    });
    const server = api;
    closing.push(() => server.close());
    simulation.live({
      listeners: monitoring.listeners,
      certificateAuthority: server.caPem,
      setAccepting: (accepting) => server.setAccepting(accepting),
      forgetHistory: () => server.compact(),
      setCertificateEnd: (endsAt) => server.renewCertificate(new Date(endsAt)),
    });
    await simulation.settled();
    const machines = await startMachines({
      world,
      model: monitoring.model,
      systems: simulation.systems(),
      hung: options.hungHosts ?? 0,
      speed: options.speed ?? 1,
    });
    closing.push(() => machines.close());
    const memory = demoMemory(world, start, () => targetsOf(monitoring.model).length);
    return {
      scenario: scenario.name,
      server: server.url,
      ...kubeconfigs(server.url, server.caPem, admin.token, viewer.token),
      prometheusUrl: monitoring.prometheusUrl,
      ownPrometheusUrl: monitoring.ownPrometheusUrl,
      ssh: machines.ssh,
      setup: demoSetupChoice(world),
      perform: simulation.perform,
      get memory() {
        return memory();
      },
      get exporters() {
        return monitoring.exporters;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a scenario says of the API server's certificate, which is shown from the start. */
function certificateOf({ steps }: Scenario, start: number): { readonly notBefore?: Date; readonly notAfter?: Date } {
  const step = steps.find((each) => each.do === 'certificates');
  if (step?.do !== 'certificates') return {};
  const end = start + step.days * 86_400_000;
  return { notBefore: new Date(end - 365 * 86_400_000), notAfter: new Date(end) };
}
