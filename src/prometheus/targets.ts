import type { Target } from '../state/monitoring.js';
import { clean } from '../text/clean.js';
import { isRecord, type JsonRecord, listAt, recordAt, textAt } from './json.js';
import { durationSeconds } from './prometheus-duration.js';

/**
 * The active targets of `GET /api/v1/targets` (`data.activeTargets`), in its order. What is missing or malformed in one target leaves a gap in
 * that target; entries that are no objects are left out. VictoriaMetrics gives fewer fields.
 */
export function parseTargets(body: unknown): readonly Target[] {
  return listAt(recordAt(body, 'data'), 'activeTargets').filter(isRecord).map(parseTarget);
}

function parseTarget(raw: JsonRecord): Target {
  const labels = recordAt(raw, 'labels') ?? {};
  const discovered = recordAt(raw, 'discoveredLabels') ?? {};
  const pool = clean(textAt(raw, 'scrapePool') ?? '', 512);
  const scrapeUrl = clean(withoutSecrets(textAt(raw, 'scrapeUrl') ?? ''), 2048);
  const health = textAt(raw, 'health');
  return {
    job: clean(textAt(labels, 'job') ?? textAt(discovered, 'job') ?? pool, 512),
    instance: clean(textAt(labels, 'instance') ?? textAt(discovered, '__address__') ?? scrapeUrl, 512),
    pool,
    scrapeUrl,
    health: health === 'up' || health === 'down' ? health : 'unknown',
    lastError: clean(withoutSecrets(textAt(raw, 'lastError') ?? '')) || null,
    lastScrapeAt: parseTime(textAt(raw, 'lastScrape')),
    scrapeDurationSeconds: parseNumber(raw['lastScrapeDuration']),
    scrapeIntervalSeconds: durationSeconds(textAt(raw, 'scrapeInterval') ?? textAt(discovered, '__scrape_interval__')),
    scrapeTimeoutSeconds: durationSeconds(textAt(raw, 'scrapeTimeout') ?? textAt(discovered, '__scrape_timeout__')),
    labels: new Map(Object.entries(labels).flatMap(([name, value]) => (typeof value === 'string' ? [[clean(name, 512), clean(value, 512)] as const] : []))),
  };
}

/** Go's zero time `0001-01-01T00:00:00Z` stands for "never". */
function parseTime(text: string | null): number | null {
  const at = text === null ? Number.NaN : Date.parse(text);
  return Number.isFinite(at) && at > 0 ? at : null;
}

function parseNumber(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Prometheus repeats the password of a scrape URL in its errors. */
function withoutSecrets(text: string): string {
  return text.replace(/(:\/\/)[^\s/@]+@/g, '$1');
}
