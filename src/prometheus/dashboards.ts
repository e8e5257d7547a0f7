import type { CatalogueQuery, DashboardId, Unit } from './catalogue/query.js';
import { catalogue } from './catalogue.js';
import { dashboardNames } from './dashboard-names.js';

/** One dashboard in the form that Grafana imports (`dashboard` of POST /api/dashboards/db). */
export interface Dashboard {
  readonly id: DashboardId;
  readonly uid: string;
  readonly title: string;
  readonly model: Readonly<Record<string, unknown>>;
}

/**
 * The dashboards that come with the program, one panel for each panel title in the catalogue, in its order. Their data source is a variable, so that they work in any
 * Grafana; `dataSource` is chosen in it where it is given.
 */
export function dashboards(dataSource: { readonly uid: string; readonly name: string } | null = null): readonly Dashboard[] {
  return dashboardNames.map(({ id, uid, title }) => {
    const queries = catalogue.filter(({ panel }) => panel?.dashboard === id);
    const usesApp = queries.some(({ expr }) => expr.includes('$app'));
    return {
      id,
      uid,
      title,
      model: {
        id: null,
        uid,
        title,
        description: descriptions[id],
        tags: ['gpuk8s'],
        timezone: 'browser',
        editable: true,
        graphTooltip: 1,
        refresh: '30s',
        schemaVersion: 39,
        time: { from: 'now-1h', to: 'now' },
        templating: { list: [dataSourceVariable(dataSource), ...(usesApp ? [appVariable] : [])] },
        annotations: { list: [] },
        links: [],
        panels: panels(queries),
      },
    };
  });
}

const descriptions: Readonly<Record<DashboardId, string>> = {
  'system-resources': 'CPU, memory, disks and network of every node.',
  'gpu-performance': 'Every GPU of the cluster, by node: never GPU 0 alone.',
  containers: 'What pods use, and how they fare.',
  pressure: 'Time that tasks wait for CPU, memory and disks (PSI), beside what is in use; empty where the kernel has PSI switched off.',
  inference: 'How fast the models answer, how much they are asked, and how busy the machines are meanwhile.',
};

function dataSourceVariable(chosen: { readonly uid: string; readonly name: string } | null): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    refresh: 1,
    current: chosen === null ? {} : { selected: true, text: chosen.name, value: chosen.uid },
    hide: 0,
    includeAll: false,
    multi: false,
    regex: '',
    options: [],
  };
}

const apps = ['resnet50', 'distilbert', 'whisper'];

/** Beginnings of pod names. All of them is an empty beginning. */
const appVariable = {
  name: 'app',
  label: 'App',
  type: 'custom',
  query: apps.join(','),
  includeAll: true,
  allValue: '',
  multi: true,
  hide: 0,
  current: { selected: true, text: ['All'], value: ['$__all'] },
  options: [{ selected: true, text: 'All', value: '$__all' }, ...apps.map((app) => ({ selected: false, text: app, value: app }))],
};

const source = { type: 'prometheus', uid: `\${datasource}` };

/** Two panels side by side, tables and wide ones in rows of their own. */
function panels(queries: readonly CatalogueQuery[]): readonly object[] {
  const titles = [...new Set(queries.map(({ panel }) => panel?.title ?? ''))];
  let x = 0;
  let y = 0;
  return titles.map((title, index) => {
    const own = queries.filter(({ panel }) => panel?.title === title);
    const kind = kindOf(own);
    const w = kind === 'timeseries' ? 12 : 24;
    if (x + w > 24) {
      x = 0;
      y += height;
    }
    const gridPos = { x, y, w, h: height };
    x += w;
    return { id: index + 1, title, type: kind, datasource: source, gridPos, ...drawn(kind, title, own) };
  });
}

const height = 8;

type Kind = 'timeseries' | 'table' | 'state-timeline';

function kindOf(queries: readonly CatalogueQuery[]): Kind {
  if (queries.some(({ id }) => id.startsWith('load-state'))) return 'state-timeline';
  return queries.every(({ unit }) => unit === 'state') ? 'table' : 'timeseries';
}

function drawn(kind: Kind, title: string, queries: readonly CatalogueQuery[]): object {
  const targets = queries.map(({ expr, legend }, index) => ({
    refId: refId(index),
    datasource: source,
    expr,
    editorMode: 'code',
    ...(kind === 'table' ? { format: 'table', instant: true, range: false } : { legendFormat: legend, range: true }),
  }));
  const main = queries[0]?.unit ?? 'count';
  const defaults = { ...unitField(main), thresholds: thresholds(title), color: { mode: 'palette-classic' }, custom: {} };
  if (kind === 'table') return { targets, fieldConfig: { defaults: { custom: { filterable: true } }, overrides: [] }, options: {}, transformations: [tidy] };
  if (kind === 'state-timeline') {
    return {
      targets,
      fieldConfig: { defaults: { ...defaults, color: { mode: 'thresholds' }, mappings: [loadMapping], thresholds: loadThresholds }, overrides: [] },
      options: {},
    };
  }
  const custom = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: 8,
    showPoints: 'never',
    spanNulls: false,
    thresholdsStyle: { mode: hasThresholds(title) ? 'dashed' : 'off' },
  };
  return {
    targets,
    fieldConfig: { defaults: { ...defaults, custom }, overrides: overrides(queries, main) },
    options: { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

/** Series of another unit than the panel's first get an axis of their own, at the right. */
function overrides(queries: readonly CatalogueQuery[], main: Unit): readonly object[] {
  return queries.flatMap(({ unit }, index) => {
    if (unit === main) return [];
    const properties = Object.entries({ ...unitField(unit), 'custom.axisPlacement': 'right' }).map(([id, value]) => ({ id, value }));
    return [{ matcher: { id: 'byFrameRefID', options: refId(index) }, properties }];
  });
}

function refId(index: number): string {
  return String.fromCharCode(65 + index);
}

function unitField(unit: Unit): Readonly<Record<string, unknown>> {
  return unit === 'percent' ? { unit: 'percent', min: 0, max: 100 } : { unit: grafanaUnits[unit] };
}

const grafanaUnits: Readonly<Record<Unit, string>> = {
  percent: 'percent',
  bytes: 'bytes',
  'bytes/s': 'Bps',
  seconds: 's',
  '1/s': 'reqps',
  count: 'short',
  celsius: 'celsius',
  watts: 'watt',
  megahertz: 'suffix: MHz',
  cores: 'suffix: cores',
  state: 'short',
};

interface Edges {
  readonly warn: number;
  readonly bad: number;
  /** Small values are the bad ones. */
  readonly falling?: true;
}

/** Where the alerts begin, so that a chart says how far away they are. */
const edges: Readonly<Record<string, Edges>> = {
  CPU: { warn: 70, bad: 90 },
  'Memory in use': { warn: 85, bad: 95 },
  'Root file system free': { warn: 25, bad: 15, falling: true },
  Utilisation: { warn: 70, bad: 90 },
  Temperature: { warn: 75, bad: 80 },
  'CPU pressure': { warn: 10, bad: 25 },
  'Memory pressure': { warn: 1, bad: 10 },
  'Pressure score': { warn: 25, bad: 50 },
};

function hasThresholds(title: string): boolean {
  return edges[title] !== undefined;
}

function thresholds(title: string): object {
  const found = edges[title];
  if (found === undefined) return { mode: 'absolute', steps: [{ color: 'green', value: null }] };
  const { warn, bad, falling } = found;
  const steps =
    falling === true
      ? [
          { color: 'red', value: null },
          { color: 'orange', value: bad },
          { color: 'green', value: warn },
        ]
      : [
          { color: 'green', value: null },
          { color: 'orange', value: warn },
          { color: 'red', value: bad },
        ];
  return { mode: 'absolute', steps };
}

const loadNames = ['Empty', 'Light', 'Modest', 'Elevated', 'High', 'Critical'];
const loadColors = ['text', 'green', 'green', 'yellow', 'orange', 'red'];
const loadMapping = {
  type: 'value',
  options: Object.fromEntries(loadNames.map((text, index) => [String(index), { text, color: loadColors[index] ?? 'text', index }])),
};
const loadThresholds = { mode: 'absolute', steps: loadColors.map((color, index) => ({ color, value: index === 0 ? null : index })) };

/** A table of labels: the time and the value, which is always 1, say nothing. */
const tidy = { id: 'organize', options: { excludeByName: { Time: true, Value: true, __name__: true } } };
