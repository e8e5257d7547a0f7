import type { Target } from '../../../src/state/monitoring.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { seconds } from '../../../src/text/seconds.js';
import { compare } from '../../../src/text/sort.js';
import type { Column } from '../../widgets/list-layout.js';

/** Targets in the order that helps: down ones first, then by job and instance. */
export function targetRows(targets: readonly Target[]): readonly Target[] {
  const order = { down: 0, unknown: 1, up: 2 };
  return [...targets].sort((a, b) => order[a.health] - order[b.health] || compare(a.job, b.job) || compare(a.instance, b.instance));
}

/** Identity of a target: two jobs may scrape the same address. */
export function targetId({ pool, job, instance, scrapeUrl }: Target): string {
  return [pool, job, instance, scrapeUrl].join(' ');
}

export const targetSigns = { up: line(['good', '✓']), down: line(['bad', '✗']), unknown: line(['warn', '!']) } as const;

const healthTones = { up: 'plain', down: 'bad', unknown: 'warn' } as const;

export const targetColumns: readonly Column<Target>[] = [
  { id: 'job', title: 'JOB', most: 36, least: 12, sortKey: 'J', cell: ({ job }) => line(job), sortValue: ({ job }) => job },
  { id: 'instance', title: 'INSTANCE', most: 40, least: 14, sortKey: 'I', cell: ({ instance }) => line(instance), sortValue: ({ instance }) => instance },
  {
    id: 'health',
    title: 'HEALTH',
    sortKey: 'H',
    cell: ({ health }) => line([healthTones[health], health]),
    sortValue: ({ health }) => ({ down: 0, unknown: 1, up: 2 })[health],
  },
  {
    id: 'scraped',
    title: 'SCRAPED',
    align: 'right',
    sortKey: 'S',
    cell: ({ lastScrapeAt }, now) => (lastScrapeAt === null ? line(['warn', 'never']) : line(ageOf(lastScrapeAt, now))),
    sortValue: ({ lastScrapeAt }) => lastScrapeAt,
  },
  {
    id: 'took',
    title: 'TOOK',
    align: 'right',
    sortKey: 'T',
    cell: took,
    sortValue: ({ scrapeDurationSeconds }) => scrapeDurationSeconds,
    descendingFirst: true,
  },
  { id: 'limit', title: 'LIMIT', align: 'right', from: 110, cell: ({ scrapeTimeoutSeconds }) => span(scrapeTimeoutSeconds) },
  {
    id: 'every',
    title: 'EVERY',
    align: 'right',
    from: 100,
    sortKey: 'E',
    cell: ({ scrapeIntervalSeconds }) => span(scrapeIntervalSeconds),
    sortValue: ({ scrapeIntervalSeconds }) => scrapeIntervalSeconds,
  },
  { id: 'error', title: 'ERROR', least: 8, most: 200, from: 100, grow: true, cell: ({ lastError }) => line(lastError === null ? '' : ['bad', lastError]) },
  { id: 'pool', title: 'POOL', most: 44, from: 180, sortKey: 'P', cell: ({ pool }) => line(['dim', pool]), sortValue: ({ pool }) => pool },
];

/** How long the last scrape took; yellow from half of its timeout on, red where it ran into it. */
function took({ scrapeDurationSeconds, scrapeTimeoutSeconds }: Target): Line {
  if (scrapeDurationSeconds === null) return line(['dim', '–']);
  const share = scrapeTimeoutSeconds === null || scrapeTimeoutSeconds === 0 ? 0 : scrapeDurationSeconds / scrapeTimeoutSeconds;
  return line([share >= 0.95 ? 'bad' : share >= 0.5 ? 'warn' : 'plain', seconds(scrapeDurationSeconds)]);
}

function span(value: number | null): Line {
  return value === null ? line(['dim', '–']) : line(['dim', seconds(value)]);
}
