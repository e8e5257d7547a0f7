import type { CatalogueQuery } from '../prometheus/catalogue/query.js';
import { catalogueQuery, filled } from '../prometheus/catalogue.js';
import { appOf } from '../prometheus/common-labels.js';
import type { Queries } from '../prometheus/queries.js';
import { meanExpr, namesOf, quantileExpr, type ServingStack, servingStacks, summaryExpr } from '../prometheus/serving-stacks.js';

/** One column of the table. */
export interface Column {
  /** With its unit: `cpu_util [%]`, `ai/resnet50 p95 [s]`. */
  readonly heading: string;
  /** As a key in JSON: `cpu_util`, `ai/resnet50 p95`. */
  readonly name: string;
  readonly unit: '%' | 's';
}

/** One question to Prometheus, and into which columns the series of its answer go. */
export interface ColumnQuery {
  readonly expr: string;
  columnOf(labels: ReadonlyMap<string, string>): string | null;
}

export interface ColumnPlan {
  readonly columns: readonly Column[];
  readonly queries: readonly ColumnQuery[];
  /** The columns whose largest value is what `latency` says: the slowest service's p95 (its mean where there is nothing better). */
  readonly latencyOf: readonly string[];
  /** By column: what brings its values, for the sentence that says why there are none. */
  readonly origins: ReadonlyMap<string, string>;
}

/** A service that has measured itself within the time of the export. */
export interface ExportedService {
  /** `namespace/app`, and the model behind it where one server has several. */
  readonly id: string;
  readonly stack: ServingStack;
  readonly way: Way;
}

type Way = 'histogram' | 'summary' | 'mean';

/** The table's columns: those of the machines first, then each service's. */
export function planColumns(services: readonly ExportedService[]): ColumnPlan {
  const machine = machineColumns.map(({ name, query }) => ({ column: column(name, '%'), query: catalogueQuery(query) }));
  const kinds = [...new Set(services.map(({ stack, way }) => `${stack.id} ${way}`))];
  const queries = kinds.flatMap((kind) => {
    const [first] = services.filter(({ stack, way }) => `${stack.id} ${way}` === kind);
    return first === undefined ? [] : stackQueries(first.stack, first.way, new Set(services.map(({ id }) => id)));
  });
  return {
    columns: [
      ...machine.map(({ column: own }) => own),
      column('latency', 's'),
      ...services.flatMap(({ id, way }) => figures(way).map((figure) => column(`${id} ${figure}`, 's'))),
    ],
    queries: [...machine.map(({ column: { name }, query }) => ({ expr: filled(query), columnOf: () => name })), ...queries],
    latencyOf: services.map(({ id, way }) => `${id} ${way === 'mean' ? 'mean' : 'p95'}`),
    origins: new Map([
      ...machine.map(({ column: { name }, query }) => [name, originOf(query)] as const),
      ...(services.length === 0 ? [['latency', 'no inference server has measured itself in this time'] as const] : []),
    ]),
  };
}

/** The services that measured themselves between two moments, by id. */
export async function findServices(
  queries: Queries,
  range: { readonly startAt: number; readonly endAt: number },
  signal: AbortSignal,
): Promise<readonly ExportedService[]> {
  const names = servingStacks.flatMap(namesOf);
  // One bucket is enough to know a histogram by.
  const selectors = names.map((name) => (name.endsWith('_bucket') ? `{__name__="${name}",le="+Inf"}` : `{__name__="${name}"}`));
  const { value } = await queries.series(selectors, { ...range, signal, timeoutMs: 60_000 });
  const found = new Map<string, ExportedService>();
  for (const labels of value) {
    const name = labels.get('__name__') ?? '';
    const stack = servingStacks.find((each) => namesOf(each).includes(name));
    if (stack === undefined) continue;
    const service = { id: idOf(labels, stack), stack, way: wayOf(stack, name) };
    const known = found.get(service.id);
    if (known === undefined || ways.indexOf(service.way) < ways.indexOf(known.way)) found.set(service.id, service);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const machineColumns = [
  { name: 'cpu_util', query: 'cluster-cpu' },
  { name: 'ram_usage', query: 'cluster-memory' },
  { name: 'gpu_util', query: 'cluster-gpu' },
  { name: 'gpu_memory', query: 'cluster-gpu-memory' },
] as const;

const quantiles = [0.5, 0.95, 0.99] as const;
const ways: readonly Way[] = ['histogram', 'summary', 'mean'];

function stackQueries(stack: ServingStack, way: Way, ids: ReadonlySet<string>): readonly ColumnQuery[] {
  const asked = (figure: string, expr: string | null): readonly ColumnQuery[] => {
    const columnOf = (labels: ReadonlyMap<string, string>) => {
      const id = idOf(labels, stack);
      return ids.has(id) ? `${id} ${figure}` : null;
    };
    return expr === null ? [] : [{ expr, columnOf }];
  };
  if (way === 'mean') return asked('mean', meanExpr(stack));
  const exprOf = way === 'histogram' ? quantileExpr : summaryExpr;
  return quantiles.flatMap((quantile) => asked(`p${quantile * 100}`, exprOf(stack, quantile)));
}

function figures(way: Way): readonly string[] {
  return way === 'mean' ? ['mean'] : quantiles.map((quantile) => `p${quantile * 100}`);
}

function wayOf({ histogram, summary }: ServingStack, name: string): Way {
  if (histogram !== null && (name === histogram.name || name === `${histogram.name}_bucket`)) return 'histogram';
  return summary?.name === name ? 'summary' : 'mean';
}

function idOf(labels: ReadonlyMap<string, string>, { labels: own }: ServingStack): string {
  const parts = [labels.get('namespace') ?? '', appOf(labels), ...own.map((label) => labels.get(label) ?? '')];
  return parts.filter((part) => part !== '').join('/');
}

function column(name: string, unit: Column['unit']): Column {
  return { name, unit, heading: `${name} [${unit}]` };
}

function originOf({ exporters, needs }: CatalogueQuery): string {
  return `nothing in this time from ${exporters.join(', ')} (${needs.join(', ')})`;
}
