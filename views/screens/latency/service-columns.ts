import type { LatencyService } from '../../../src/state/latency.js';
import { count } from '../../../src/text/amount.js';
import { type Line, line } from '../../../src/text/line.js';
import { seconds } from '../../../src/text/seconds.js';
import { sparkline } from '../../../src/text/sparkline.js';
import { type Column, placeColumns } from '../../widgets/list-layout.js';

/** How a service stands against its objective; `unknown` without one, or without a number to hold against it. */
export function objectiveOf({ sloSeconds, p95, mean, measure }: LatencyService): 'kept' | 'broken' | 'unknown' {
  const shown = measure === 'mean' ? mean : p95;
  if (sloSeconds === null || shown === null) return 'unknown';
  return shown > sloSeconds ? 'broken' : 'kept';
}

/** The sign before a service: no objective is no good state, and no data neither. */
export function serviceSign(service: LatencyService): Line {
  if (service.why !== null) return line(['warn', '!']);
  const signs = { kept: line(['good', '✓']), broken: line(['bad', '✗']), unknown: line(['dim', '·']) };
  return signs[objectiveOf(service)];
}

/** The columns of the list of services in `width` columns; the trend is as wide as the others leave room for. */
export function serviceColumns(services: readonly LatencyService[], width: number, terminal: number): readonly Column<LatencyService>[] {
  const others = allColumns(0, terminal).filter(({ id }) => id !== 'trend');
  const placed = placeColumns(others, services, 0, width, terminal);
  const used = placed.reduce((sum, one) => sum + one.width + 2, 2);
  return allColumns(Math.max(leastTrend, Math.min(mostTrend, width - used - 1)), terminal);
}

const leastTrend = 16;
/** A half hour at 15 s. */
const mostTrend = 120;

function allColumns(trendWidth: number, terminal: number): readonly Column<LatencyService>[] {
  return [
    {
      id: 'service',
      title: 'SERVICE',
      least: 10,
      most: 40,
      sortKey: 'S',
      cell: ({ name, namespace }) => line(name, terminal >= 100 ? ['dim', ` ${namespace}`] : ''),
      sortValue: ({ name }) => name,
    },
    { id: 'p50', title: 'P50', align: 'right', from: 100, cell: ({ p50 }) => span(p50) },
    {
      id: 'p95',
      title: 'P95',
      align: 'right',
      least: 7,
      cell: p95Cell,
      sortKey: 'P',
      sortValue: ({ p95, mean }) => p95 ?? mean,
      descendingFirst: true,
    },
    { id: 'p99', title: 'P99', align: 'right', cell: ({ p99 }) => span(p99) },
    {
      id: 'requests',
      title: 'REQ/S',
      align: 'right',
      cell: ({ requestsPerSecond }) => rate(requestsPerSecond),
      sortKey: 'R',
      sortValue: ({ requestsPerSecond }) => requestsPerSecond,
      descendingFirst: true,
    },
    {
      id: 'errors',
      title: 'ERR/S',
      align: 'right',
      cell: ({ errorsPerSecond }) => (errorsPerSecond !== null && errorsPerSecond > 0 ? line(['bad', rateText(errorsPerSecond)]) : rate(errorsPerSecond)),
      sortKey: 'E',
      sortValue: ({ errorsPerSecond }) => errorsPerSecond,
      descendingFirst: true,
    },
    {
      id: 'queue',
      title: 'QUEUE',
      align: 'right',
      from: 90,
      cell: ({ queue }) => (queue === null ? none : line(count(Math.round(queue)))),
      sortKey: 'Q',
      sortValue: ({ queue }) => queue,
      descendingFirst: true,
    },
    {
      id: 'replicas',
      title: 'READY',
      align: 'right',
      cell: ({ replicas }) =>
        replicas === null
          ? none
          : line([replicas.ready >= replicas.wanted ? 'plain' : replicas.ready === 0 ? 'bad' : 'warn', `${replicas.ready}/${replicas.wanted}`]),
    },
    { id: 'slo', title: 'SLO', align: 'right', from: 110, cell: ({ sloSeconds }) => (sloSeconds === null ? none : line(['dim', seconds(sloSeconds)])) },
    { id: 'trend', title: 'LAST 30 MIN', least: trendWidth, most: trendWidth, cell: (service) => trendCell(service, trendWidth) },
    { id: 'stack', title: 'STACK', from: 150, most: 20, cell: ({ stack, source }) => line(['dim', source === 'pod-metrics' ? `${stack}, its pods` : stack]) },
  ];
}

const none = line(['dim', '–']);

function p95Cell(service: LatencyService): Line {
  const { p95, mean, measure } = service;
  if (measure === 'mean') return mean === null ? none : line(['dim', 'mean '], seconds(mean));
  if (p95 === null) return none;
  const objective = objectiveOf(service);
  return objective === 'broken' ? line(['bad', `${seconds(p95)} !`]) : line(['strong', seconds(p95)]);
}

function span(value: number | null): Line {
  return value === null ? none : line(seconds(value));
}

function rate(value: number | null): Line {
  return value === null ? none : line(value === 0 ? ['dim', '0'] : rateText(value));
}

/** `640`, `12.4`, `0.03` */
export function rateText(value: number): string {
  if (value >= 100) return count(Math.round(value));
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)));
}

/** The trend, or in its place why there are no numbers now. */
function trendCell(service: LatencyService, width: number): Line {
  if (service.why !== null) return line(['warn', service.why]);
  return line([objectiveOf(service) === 'broken' ? 'bad' : 'accent', trendSpark(service.trend.values, width)]);
}

/** A trend in one row. Its scale begins below the least value and not at 0: all of a service's latencies are alike, and it is their change that is looked for. */
export function trendSpark(values: readonly (number | null)[], width: number): string {
  const known = values.filter((value) => value !== null);
  const least = known.length === 0 ? 0 : Math.min(...known);
  return sparkline(narrowed(values, width), width, { low: least * 0.6, high: Math.max(least * 1.6, ...known) });
}

/** As many values as there are columns, of several the largest; fewer stay as they are. */
function narrowed(values: readonly (number | null)[], width: number): readonly (number | null)[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, column) => {
    const part = values.slice(Math.floor((column * values.length) / width), Math.floor(((column + 1) * values.length) / width));
    const known = part.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}
