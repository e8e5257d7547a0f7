/**
 * PromQL that brings the labels of different exporters, operators and scrape configurations to the same names, so that a query gives the same series whoever installed the monitoring.
 * Each takes an expression and gives another; what they add besides is meant to be aggregated away.
 */

/**
 * Series of the node exporter with the label `node`: as the scrape configuration says, else the host's own name (a ServiceMonitor gives the instance only by address), else the
 * instance without its port.
 */
export function withNode(expr: string): string {
  const named = `(${expr} * on (instance) group_left (nodename) max by (instance, nodename) (node_uname_info) or on (instance) ${expr})`;
  return firstOf(named, 'node', ['node', 'nodename', 'instance']);
}

/**
 * Series of dcgm-exporter with the label `node`: as the scrape configuration says, else the node of the exporter's pod where its own name is all that it tells (before NODE_NAME was
 * given to it), else `Hostname` (up to 4.8.2) or `hostname` (after), else the instance without its port.
 */
export function withGpuNode(expr: string): string {
  const exporters = withHonoredLabels('(kube_pod_info{pod=~".*dcgm-exporter.*"} or kube_pod_info{exported_pod=~".*dcgm-exporter.*"})', ['pod', 'node']);
  const pods = relabel(relabel(exporters, 'Hostname', 'pod', '(.+)'), 'pod_node', 'node', '(.+)');
  const named = `(${expr} * on (Hostname) group_left (pod_node) max by (Hostname, pod_node) (${pods}) or on (Hostname) ${expr})`;
  return firstOf(named, 'node', ['node', 'pod_node', 'Hostname', 'hostname', 'instance']);
}

/**
 * Series of dcgm-exporter with `namespace` and `pod` of the workload that holds the GPU. Without honor_labels these are called `exported_…`, and the plain names are those of the exporter's own
 * pod, which holds none.
 */
export function withGpuHolder(expr: string): string {
  const joined = `label_join(label_join(${expr}, "holder", ";", "exported_pod", "pod"), "holder_namespace", ";", "exported_namespace", "pod")`;
  const pod = relabel(relabel(joined, 'pod', 'holder', '([^;]+);.*'), 'pod', 'holder', ';.*dcgm-exporter.*', '');
  return relabel(relabel(pod, 'namespace', 'holder_namespace', '([^;]+);.*'), 'namespace', 'holder_namespace', ';.*dcgm-exporter.*', '');
}

/** Series about other objects (kube-state-metrics) with those objects' labels, though honor_labels is not set and they are called `exported_…`. */
export function withHonoredLabels(expr: string, labels: readonly string[]): string {
  return labels.reduce((inner, label) => relabel(inner, label, `exported_${label}`, '(.+)'), expr);
}

/** Series of an inference server with the label `app`: as it is, else the Service's name (a ServiceMonitor tells no other), else the job. */
export function withApp(expr: string): string {
  return firstOf(expr, 'app', appLabels, '');
}

/** The same for the labels of a series that was listed. */
export function appOf(labels: ReadonlyMap<string, string>): string {
  return appLabels.map((label) => labels.get(label) ?? '').find((value) => value !== '') ?? '';
}

const appLabels = ['app', 'app_kubernetes_io_name', 'service', 'job'];

/** Buckets with their bounds written alike: servers in Go say `le="1"`, those in Python `le="1.0"`, and a sum over both must not take them for two. */
export function withEvenBounds(expr: string): string {
  return relabel(expr, 'le', 'le', '([0-9]+)', '$1.0');
}

/** `label_replace`, with the arguments in the order of the sentence: into `target`, from `source`, where it matches the pattern. */
export function relabel(expr: string, target: string, source: string, pattern: string, replacement = '$1'): string {
  return `label_replace(${expr}, "${target}", "${replacement}", "${source}", "${pattern}")`;
}

/** `target` becomes the first of the labels that is not empty; of an instance only the host. The first of them is the target itself. */
export function firstOf(expr: string, target: string, labels: readonly string[], portEnd = ':'): string {
  const names = labels.map((label) => `"${label}"`).join(', ');
  const end = portEnd === '' ? '(?:;.*)?' : `(?:[;${portEnd}].*)?`;
  return relabel(`label_join(${expr}, "first", ";", ${names})`, target, 'first', `;+([^;${portEnd}]+)${end}`);
}
