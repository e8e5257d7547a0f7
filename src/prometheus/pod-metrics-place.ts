import { at, list, number, text } from '../kube/json.js';

/** Where a pod shows its metrics. */
export interface MetricsPlace {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Begins with a slash. */
  readonly path: string;
}

/**
 * Where a pod (v1.Pod) shows its metrics: as its annotations prometheus.io/port, /path and /scheme say, else by the names of its ports, else, for what serves models, by the ports that such servers use. Null for pods that say they are
 * not to be scraped, and for those that nothing says anything of.
 */
export function metricsPlace(pod: unknown, serves: boolean): MetricsPlace | null {
  const annotation = (name: string) => text(at(pod, 'metadata', 'annotations', `prometheus.io/${name}`), 300);
  if (annotation('scrape') === 'false') return null;
  const containers = list(at(pod, 'spec', 'containers'));
  const ports = containers.flatMap((container) =>
    list(at(container, 'ports')).map((port) => ({
      name: text(at(port, 'name')) ?? '',
      number: number(at(port, 'containerPort')) ?? 0,
      protocol: text(at(port, 'protocol')),
    })),
  );
  const open = ports.filter(({ number: port, protocol }) => isPort(port) && (protocol ?? 'TCP') === 'TCP');
  const images = containers.map((container) => text(at(container, 'image')) ?? '');
  const said = Number(annotation('port') ?? Number.NaN);
  const isScraped = annotation('scrape') === 'true';
  const port =
    (isPort(said) ? said : null) ??
    open.find(({ name }) => /^(?:.*metrics.*|prom.*)$/.test(name))?.number ??
    (isScraped || serves ? usualPort(open, images) : null);
  if (port === null) return null;
  return { scheme: annotation('scheme') === 'https' ? 'https' : 'http', port, path: pathIn(annotation('path')) };
}

function usualPort(open: readonly { readonly name: string; readonly number: number }[], images: readonly string[]): number | null {
  const own = servers.find(([image]) => images.some((name) => image.test(name)))?.[1] ?? null;
  if (own !== null && (open.length === 0 || open.some(({ number: port }) => port === own))) return own;
  return open.find(({ number: port }) => usual.includes(port))?.number ?? open.find(({ name }) => /^(?:http|web|api|rest)/.test(name))?.number ?? own;
}

/** Ports on which servers show their metrics unless told otherwise. */
const servers: readonly (readonly [RegExp, number])[] = [
  [/tritonserver/, 8002],
  [/vllm|sglang/, 8000],
  [/text-generation-inference/, 80],
  [/torchserve/, 8082],
  [/kserve/, 8080],
];
const usual = [8002, 8000, 8080, 8082, 9090, 5000, 3000, 80];

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** A path leads to nothing but the pod's own pages. */
function pathIn(path: string | null): string {
  if (path === null || !/^\/?[\w./?=&%~-]+$/.test(path) || path.includes('..')) return '/metrics';
  return path.startsWith('/') ? path : `/${path}`;
}
