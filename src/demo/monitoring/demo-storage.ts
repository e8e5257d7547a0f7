import type { Family, Series } from './exporters/family.js';
import { TargetHealth } from './health.js';
import type { ClusterModel } from './model/cluster-model.js';
import { unit } from './model/hash.js';
import type { Matcher } from './promql/expression.js';
import { Labels } from './promql/labels.js';
import type { SampleStorage, StoredSeries } from './promql/storage.js';
import { lastScrape, scrapeInterval, type Target, targetsOf } from './targets.js';

/** How far back the demo's Prometheus remembers, seconds. */
export const retention = 24 * 3600;

/**
 * The demo's time series database: it holds no samples, but can tell for each moment at which Prometheus would have scraped a target
 * what it would have got.
 */
export class DemoStorage implements SampleStorage {
  readonly model: ClusterModel;
  readonly health: TargetHealth;
  readonly #families = new Map<Target, readonly Family[]>();

  constructor(model: ClusterModel) {
    this.model = model;
    this.health = new TargetHealth(model);
  }

  select(matchers: readonly Matcher[], from: number, to: number, newestOnly: boolean): readonly StoredSeries[] {
    const oldest = this.model.world.startedAt / 1000 - retention;
    const window = { from: Math.max(from, oldest), to: Math.min(to, this.model.now()), newestOnly };
    const found: StoredSeries[] = [];
    let [asked, well]: [Target | null, boolean] = [null, true];
    for (const { target, labels, value } of this.#matching(matchers)) {
      if (target !== asked) [asked, well] = [target, this.health.alwaysWell(target)];
      const stored = this.#sampled(target, labels, value, well, window);
      if (stored !== null) found.push(stored);
    }
    return found;
  }

  /** The label sets of all series that match and have a sample near the end of (from, to]. */
  labelSets(matchers: readonly Matcher[], from: number, to: number): Labels[] {
    return this.select(matchers, Math.max(from, to - 300), to, true).map(({ labels }) => labels);
  }

  /** Targets and what they offer, for metadata. */
  *offers(): Iterable<{ target: Target; family: Family }> {
    for (const target of this.#targets()) for (const family of this.#familiesOf(target)) yield { target, family };
  }

  #targets(): readonly Target[] {
    const targets = targetsOf(this.model);
    this.health.notice(targets);
    return targets;
  }

  *#matching(matchers: readonly Matcher[]): Iterable<{ target: Target; labels: Labels; value: Series['value'] | null }> {
    const ofName = matchers.filter(({ label }) => label === '__name__');
    const named = (name: string): boolean => ofName.every((matcher) => matcher.matches(name));
    for (const target of this.#targets()) {
      // A label that the target puts on all its series decides for the whole target.
      if (!matchers.every(({ label, matches }) => target.labels[label] === undefined || matches(target.labels[label]))) continue;
      const wants = (label: string, value: string): boolean =>
        target.labels[label] !== undefined || matchers.every((matcher) => matcher.label !== label || matcher.matches(value));
      for (const family of this.#familiesOf(target)) {
        if (!suffixesOf(family).some((suffix) => named(family.name + suffix))) continue;
        for (const { suffix, labels: own, value } of family.series(wants)) {
          if (!named(family.name + suffix)) continue;
          const labels = merged(target, own, family.name + suffix);
          if (matchers.every((matcher) => matcher.matches(labels.get(matcher.label)))) yield { target, labels, value };
        }
      }
      for (const [name, value] of scrapeMetrics) {
        if (!named(name)) continue;
        const labels = merged(target, [], name);
        if (matchers.every((matcher) => matcher.matches(labels.get(matcher.label)))) yield { target, labels, value: value(target) };
      }
    }
  }

  #sampled(
    target: Target,
    labels: Labels,
    value: Series['value'] | null,
    well: boolean,
    window: { from: number; to: number; newestOnly: boolean },
  ): StoredSeries | null {
    const until = Math.min(window.to, target.until + scrapeInterval);
    const newest = lastScrape(target, until);
    const begin = Math.max(window.from, target.from);
    const count = Math.min(Math.ceil((newest - begin) / scrapeInterval - 1e-9), window.newestOnly ? 1 : Number.POSITIVE_INFINITY);
    if (!(count > 0)) return null;
    const times: number[] = [];
    const values: number[] = [];
    let stale: Uint8Array | null = null;
    let alive = 0;
    for (let index = 0; index < count; index++) {
      const time = newest - (count - 1 - index) * scrapeInterval;
      const error = well ? null : this.health.errorAt(target, time);
      // `up` is what a failed scrape leaves behind; everything else ends there.
      const sample = time >= target.until ? null : value === null ? Number(error === null) : error === null ? value(time) : null;
      times.push(time);
      values.push(sample ?? Number.NaN);
      if (sample === null) {
        stale ??= new Uint8Array(count);
        stale[index] = 1;
      } else alive++;
    }
    return alive === 0 ? null : { labels, times, values, stale };
  }

  #familiesOf(target: Target): readonly Family[] {
    let families = this.#families.get(target);
    if (families === undefined) {
      // Targets are made anew when the cluster changes: the old ones' families go with them.
      if (this.#families.size > 2 * targetsOf(this.model).length + 20) this.#families.clear();
      families = target.families();
      this.#families.set(target, families);
    }
    return families;
  }
}

/** What Prometheus itself records about each scrape; null stands for `up`. */
const scrapeMetrics: readonly (readonly [string, (target: Target) => Series['value'] | null])[] = [
  ['up', () => null],
  ['scrape_duration_seconds', (target) => (time) => scrapeDuration(target, time)],
  ['scrape_samples_scraped', (target) => () => 40 + Math.floor(2000 * unit(`${target.job}/samples`))],
];

/** How long the scrape at a moment took, seconds. */
export function scrapeDuration({ job, instance }: Target, time: number): number {
  return Math.round(1e9 * (0.002 + 0.02 * unit(job) + 0.004 * unit(`${instance}/${Math.floor(time / scrapeInterval)}`))) / 1e9;
}

function suffixesOf({ type }: Family): readonly string[] {
  return type === 'histogram' ? histogramSuffixes : plainSuffixes;
}

const histogramSuffixes = ['_bucket', '_sum', '_count'];
const plainSuffixes = [''];

/** The labels of one series: its own, the target's where it has none of that name, and its name; in order. */
function merged(target: Target, own: Series['labels'], name: string): Labels {
  const pairs: (readonly [string, string])[] = [['__name__', name]];
  for (const pair of own) if (pair[1] !== '') insert(pairs, pair);
  for (const label in target.labels) {
    const value = target.labels[label];
    if (value !== undefined && value !== '' && !own.some((pair) => pair[0] === label && pair[1] !== '')) insert(pairs, [label, value]);
  }
  return new Labels(pairs);
}

/** Sorting by hand: with ten thousand pods it is most of the work. */
function insert(pairs: (readonly [string, string])[], pair: readonly [string, string]): void {
  let place = pairs.length;
  for (let before = pairs[place - 1]; before !== undefined && before[0] > pair[0]; before = pairs[place - 1]) {
    pairs[place] = before;
    place--;
  }
  pairs[place] = pair;
}
