import { clean } from '../text/clean.js';
import { type JsonRecord, recordAt, textAt } from './json.js';

/** What a Prometheus says of itself; null where this one does not (Thanos, VictoriaMetrics, Mimir keep to themselves what does not apply to them). */
export interface SelfDescription {
  /** ms since the epoch. */
  readonly startedAt: number | null;
  /** "15d", "15d or 10GB". */
  readonly retention: string | null;
  readonly headSeries: number | null;
  /** What is wrong with it by its own account, in sentences. */
  readonly troubles: readonly string[];
}

/**
 * From `data` of `/api/v1/status/runtimeinfo` (`{startTime, storageRetention, reloadConfigSuccess, corruptionCount}`), of `/api/v1/status/tsdb` (`{headStats:{numSeries}}`) and of
 * `/api/v1/status/flags` (`{"storage.tsdb.retention.time":"15d"}`); null for each of them that is not there.
 */
export function describeItself(runtime: unknown, tsdb: unknown, flags: unknown): SelfDescription {
  const about = recordAt(runtime, 'data');
  const startedAt = Date.parse(textAt(about, 'startTime') ?? '');
  return {
    startedAt: Number.isNaN(startedAt) || startedAt <= 0 ? null : startedAt,
    retention: retentionIn(about, recordAt(flags, 'data')),
    headSeries: countIn(recordAt(tsdb, 'data', 'headStats'), 'numSeries'),
    troubles: [
      ...(about?.['reloadConfigSuccess'] === false ? ['its configuration could not be reloaded: it still runs with the one before'] : []),
      ...((countIn(about, 'corruptionCount') ?? 0) > 0 ? [`its write-ahead log was damaged ${countIn(about, 'corruptionCount')} times`] : []),
    ],
  };
}

/** Older ones say it in the runtime information alone ("15d or 10GB"), newer ones in the flags as well, where 0 stands for "not set". */
function retentionIn(runtime: JsonRecord | null, flags: JsonRecord | null): string | null {
  const said = textAt(runtime, 'storageRetention');
  if (said !== null && said !== '') return clean(said, 100);
  const time = textAt(flags, 'storage.tsdb.retention.time');
  const size = textAt(flags, 'storage.tsdb.retention.size');
  const parts = [time, size].flatMap((part) => (part === null || /^0[a-z]*$/i.test(part) ? [] : [clean(part, 50)]));
  return parts.length === 0 ? (time === null ? null : '15d') : parts.join(' or ');
}

function countIn(record: JsonRecord | null, key: string): number | null {
  const value = record?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
