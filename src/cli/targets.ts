import type { Session } from '../session.js';
import { whyMissing } from '../state/freshness.js';
import type { Target } from '../state/monitoring.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { duration } from '../text/age.js';
import { type Line, line } from '../text/line.js';
import { compare } from '../text/sort.js';
import { notReached } from './not-reached.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { settle } from './settle.js';
import { type Cell, table } from './table.js';

/** What `targets --output json` prints. */
export interface TargetsJson {
  readonly schemaVersion: 1;
  readonly prometheus: { readonly url: string; readonly version: string | null } | null;
  readonly targets: readonly {
    readonly job: string;
    readonly instance: string;
    readonly health: Target['health'];
    readonly lastError: string | null;
    /** ISO 8601, null before the first scrape. */
    readonly lastScrape: string | null;
    readonly scrapeDurationSeconds: number | null;
  }[];
}

/** `targets`: prints what Prometheus scrapes. Resolves to 0, or to 2 when there is no Prometheus to ask. */
export async function runTargets(session: Session, { output }: { readonly output: 'text' | 'json' }, out: Output): Promise<number> {
  await settle(session, ['prometheus', 'targets'], 30_000);
  const snapshot = session.snapshot();
  const targets = [...(snapshot.targets.value ?? [])].sort((a, b) => compare(a.job, b.job) || compare(a.instance, b.instance));
  const trouble = troubleIn(snapshot);
  if (output === 'json') out.stdout(`${JSON.stringify(targetsJson(snapshot, targets), null, 2)}\n`);
  else if (trouble === null) out.stdout(paint(targetsText(snapshot, targets), out.isTty));
  if (trouble !== null) out.stderr(`gpuk8s-tui: ${trouble}\n`);
  return trouble === null ? 0 : 2;
}

function troubleIn({ connection, prometheus, targets }: ClusterSnapshot): string | null {
  if (targets.freshness.status === 'live') return null;
  const why = whyMissing(targets) ?? whyMissing(prometheus) ?? (targets.freshness.status === 'stale' ? targets.freshness.why : 'no answer');
  return (
    notReached(connection) ?? (targets.freshness.status === 'absent' ? `${why}; give its address with --prometheus URL` : `cannot show the targets: ${why}`)
  );
}

function targetsJson({ prometheus, targets: slice }: ClusterSnapshot, targets: readonly Target[]): TargetsJson {
  const isSeen = prometheus.value !== null && slice.freshness.status === 'live';
  return {
    schemaVersion: 1,
    prometheus: isSeen && prometheus.value !== null ? { url: prometheus.value.url, version: prometheus.value.version } : null,
    targets: isSeen
      ? targets.map(({ job, instance, health, lastError, lastScrapeAt, scrapeDurationSeconds }) => ({
          job,
          instance,
          health,
          lastError,
          lastScrape: lastScrapeAt === null ? null : new Date(lastScrapeAt).toISOString(),
          scrapeDurationSeconds,
        }))
      : [],
  };
}

function targetsText(snapshot: ClusterSnapshot, targets: readonly Target[]): readonly Line[] {
  const up = targets.filter((target) => target.health === 'up').length;
  const prometheus = snapshot.prometheus.value;
  const named = prometheus === null ? 'Prometheus' : `Prometheus ${prometheus.version ?? ''}`.trim();
  const summary = line(
    up === targets.length ? ['good', '✓ '] : ['warn', '! '],
    ['strong', `${up} of ${targets.length} targets up`],
    ['dim', `  ${named}${prometheus === null ? '' : `, ${prometheus.foundBy}`}`],
  );
  if (targets.length === 0) return [line(['warn', '! '], ['strong', `${named} scrapes nothing`])];
  const rows = targets.map((target, index): readonly Cell[] => [
    target.job === targets[index - 1]?.job ? { text: '' } : { text: target.job, tone: 'strong' },
    { text: target.instance },
    healthCell(target),
    { text: target.lastScrapeAt === null ? 'never' : duration(snapshot.at - target.lastScrapeAt) },
    { text: target.scrapeDurationSeconds === null ? '–' : `${Math.round(target.scrapeDurationSeconds * 1000)} ms` },
    { text: target.lastError ?? '', tone: 'bad' },
  ]);
  return [summary, line(), ...table(['JOB', 'INSTANCE', 'HEALTH', 'SCRAPED', 'TOOK', 'LAST ERROR'], rows, ['SCRAPED', 'TOOK'])];
}

function healthCell({ health }: Target): Cell {
  if (health === 'up') return { text: '✓ up', tone: 'good' };
  return health === 'down' ? { text: '✗ down', tone: 'bad' } : { text: '? unknown', tone: 'dim' };
}
