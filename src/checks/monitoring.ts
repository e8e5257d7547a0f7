import type { Slice } from '../state/freshness.js';
import type { Target } from '../state/monitoring.js';
import type { Pod } from '../state/pods.js';
import type { Fix } from '../state/report.js';
import type { Collection } from '../state/snapshot.js';
import { cut } from '../text/width.js';
import { restartFix } from './backing-workload.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { missingTargets } from './expected-targets.js';
import { mostTelling } from './most-telling.js';
import { isReady } from './pod-index.js';
import { gpuStack, infrastructure } from './pods.js';
import type { Sight } from './sight.js';
import { clause } from './wording.js';

const workloads = ['pods-not-running', 'crashloop', 'workloads-ready'];

export const prometheusTargets: Check = defineCheck({
  id: 'prometheus-targets',
  title: 'Prometheus scrapes all its targets',
  severity: 'warning',
  dependsOn: [...infrastructure, ...gpuStack, ...workloads],
  unseenBecause: [['app/prometheus']],
  look(sight) {
    const { prometheus, targets } = sight.snapshot;
    if (prometheus.freshness.status === 'absent') {
      const isExpected = sight.expectations.prometheus ?? (sight.expectations.targets ?? []).length > 0;
      return [absent(prometheus.freshness.why, isExpected)];
    }
    if (prometheus.freshness.status === 'live' && prometheus.value?.ready === false) {
      return [
        {
          object: 'cluster',
          status: 'warn',
          message: 'Prometheus is not ready yet: it is still reading its data back',
          fix: null,
          explainedBy: [['app/prometheus']],
        },
      ];
    }
    if (targets.freshness.status === 'loading' && targets.freshness.why !== null) {
      const message = `Prometheus does not answer: ${clause(targets.freshness.why)}`;
      return [{ object: 'cluster', status: 'unknown', message, fix: restartOf('prometheus', sight), explainedBy: [['app/prometheus']] }];
    }
    const seen = sight.see('targets');
    const missing = missingTargets(seen, sight);
    const down = seen.filter((target) => target.health === 'down' && !isOverSince(target, sight));
    if (seen.length === 0)
      return [
        ...missing,
        {
          object: 'cluster',
          status: 'warn',
          message: 'Prometheus scrapes nothing: it has no active targets',
          fix: { summary: 'See its configuration and its ServiceMonitors', command: null },
        },
      ];
    if (down.length === 0) return missing.length > 0 ? missing : [{ object: 'cluster', status: 'pass', message: upSentence(seen) }];
    const nodeOf = nodeFinder(sight);
    const found = mostTelling(
      down,
      'targets',
      (target) => downTarget(target, nodeOf),
      (target) => reasons(target, nodeOf),
    );
    return [...missing, ...found];
  },
});

export const grafanaHealth: Check = defineCheck({
  id: 'grafana',
  title: 'Grafana and its database answer',
  severity: 'warning',
  dependsOn: [...infrastructure, ...workloads],
  unseenBecause: [['app/grafana']],
  look(sight) {
    const { grafana } = sight.snapshot;
    if (grafana.freshness.status === 'absent') return [absent(grafana.freshness.why, sight.expectations.grafana === true)];
    if (grafana.freshness.status === 'loading' && grafana.freshness.why !== null) {
      return [
        {
          object: 'cluster',
          status: 'unknown',
          message: `Grafana does not answer: ${clause(grafana.freshness.why)}`,
          fix: restartOf('grafana', sight),
          explainedBy: [['app/grafana']],
        },
      ];
    }
    const seen = sight.see('grafana');
    if (seen.database === 'ok') return [{ object: 'cluster', status: 'pass', message: seen.version === null ? 'database ok' : `${seen.version}, database ok` }];
    return [
      {
        object: 'cluster',
        status: 'warn',
        message: 'Grafana answers, but its database does not',
        fix: restartOf('grafana', sight) ?? { summary: 'See its log and its volume claim', command: null },
        explainedBy: [['app/grafana']],
      },
    ];
  },
});

/** By the label that both their charts set, or by name. */
function restartOf(app: 'prometheus' | 'grafana', sight: Sight): Fix | null {
  const workloads = [...(sight.peek('statefulSets')?.values() ?? []), ...(sight.peek('deployments')?.values() ?? [])];
  const own = workloads.find((workload) => workload.app === app) ?? workloads.find(({ name }) => name === app);
  return own === undefined ? null : restartFix(own, `Restart ${own.namespace}/${own.name}; if that does not help, read its log`, sight);
}

/** Nothing was found. Only who said that it must be there is warned; the rest never had it. */
function absent(why: string, expected: boolean): Observation {
  return expected
    ? { object: 'cluster', status: 'warn', message: `Expected, but ${clause(why)}` }
    : { object: 'cluster', status: 'skipped', message: clause(why) };
}

/** Whether its pod has got Ready since it was scraped last: only the next scrape can tell. */
function isOverSince({ labels, job, lastScrapeAt }: Target, sight: Sight): boolean {
  const pods = sight.peek('pods');
  if (lastScrapeAt === null || pods === null) return false;
  const named = pods.get(`${labels.get('namespace')}/${labels.get('pod')}`);
  const node = nodeLabels.map((label) => labels.get(label)).find((value) => value !== undefined);
  const own = named === undefined ? podsOfApp(job, sight.snapshot.pods).filter(({ nodeName }) => node === undefined || nodeName === node) : [named];
  const [only, ...more] = own;
  return only !== undefined && more.length === 0 && isReady(only) && (only.ready?.since ?? 0) > lastScrapeAt;
}

function downTarget(target: Target, nodeOf: NodeFinder): Observation {
  const why = target.lastError === null ? 'no reason given' : cut(clause(target.lastError), 240);
  return {
    object: `target/${target.job}/${target.instance}`,
    status: 'warn',
    message: `Target ${target.job} ${target.instance} is down: ${why}`,
    fix: fixOf(target),
    explainedBy: reasons(target, nodeOf),
  };
}

/** Its pod, its node, and for a GPU exporter what stops that one: another exporter on the same node does not care for lost GPUs. */
function reasons(target: Target, nodeOf: NodeFinder): readonly (readonly string[])[] {
  const node = nodeOf(target);
  const namespace = target.labels.get('namespace');
  const pod = target.labels.get('pod');
  const own = namespace !== undefined && pod !== undefined ? [`pod/${namespace}/${pod}`] : [];
  const gpus = node !== null && /dcgm|gpu|nvidia/.test(target.job) ? [`exporter/${node}`, `gpus/${node}`] : [];
  return [[...own, ...(node === null ? [] : [`node/${node}`, `network/${node}`]), ...gpus, `app/${target.job}`]];
}

function fixOf(target: Target): Fix {
  if (/connection refused/.test(target.lastError ?? '') && /:(?:10257|10259|10249|2381)\b/.test(target.scrapeUrl)) {
    return { summary: 'kubeadm binds this to loopback: set its bind address to 0.0.0.0, or drop the target', command: null };
  }
  return { summary: 'Ask the target itself', command: `curl -sS -o /dev/null -w '%{http_code}\\n' '${target.scrapeUrl.replaceAll("'", '%27')}'` };
}

export type NodeFinder = (target: Target) => string | null;

/** The node a target runs on: by its labels, by its pod, or by the address it is scraped at. */
export function nodeFinder(sight: Sight): NodeFinder {
  const names = new Map<string, string>();
  for (const node of sight.peek('nodes')?.values() ?? []) {
    names.set(node.name, node.name);
    for (const { address } of node.addresses) names.set(address, node.name);
  }
  const pods = sight.peek('pods');
  return ({ job, labels, instance, scrapeUrl }) => {
    const named = nodeLabels.map((label) => labels.get(label)).find((value) => value !== undefined);
    if (named !== undefined) return names.get(named) ?? named;
    // An instance may be a name that somebody gave it; it is scraped at an address all the same.
    const address = names.get(hostIn(instance)) ?? names.get(hostIn(scrapeUrl.replace(/^\w+:\/\//, '').replace(/\/.*$/, '')));
    return address ?? pods?.get(`${labels.get('namespace')}/${labels.get('pod')}`)?.nodeName ?? onlyNodeOf(job, sight.snapshot.pods);
  };
}

/** Where nothing says which pod it is: the node of all pods whose app is called like the job. */
function onlyNodeOf(job: string, slice: Slice<Collection<Pod>>): string | null {
  const [only, ...more] = new Set(podsOfApp(job, slice).flatMap(({ nodeName }) => nodeName ?? []));
  return only === undefined || more.length > 0 ? null : only;
}

function podsOfApp(name: string, slice: Slice<Collection<Pod>>): readonly Pod[] {
  const known = podsByApp.get(slice) ?? new Map<string, readonly Pod[]>();
  podsByApp.set(slice, known);
  const pods = known.get(name) ?? [...(slice.value?.values() ?? [])].filter(({ app }) => app === name);
  known.set(name, pods);
  return pods;
}

/** Worked out once per slice and name: with thousands of pods each look would show. */
const podsByApp = new WeakMap<Slice<Collection<Pod>>, Map<string, readonly Pod[]>>();

/** `10.0.0.12` of `10.0.0.12:9100`, `fd00::1` of `[fd00::1]:9100`. */
function hostIn(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

const nodeLabels = ['node', 'kubernetes_node', 'Hostname', 'hostname', 'nodename'];

function upSentence(targets: readonly Target[]): string {
  const waiting = targets.filter((target) => target.health !== 'up').length;
  return waiting === 0 ? `all ${targets.length} up` : `${targets.length - waiting} of ${targets.length} up, ${waiting} not scraped yet`;
}
