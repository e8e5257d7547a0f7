import type { Target } from '../state/monitoring.js';
import type { Observation } from './check.js';
import { matches } from './glob.js';
import type { Sight } from './sight.js';

/** Of the targets that the settings expect those that Prometheus does not scrape at all: it cannot say that they are down. `JOB` or `JOB/INSTANCE`, `*` stands for anything. */
export function missingTargets(targets: readonly Target[], { expectations }: Sight): readonly Observation[] {
  const expected = expectations.targets ?? [];
  const missing = expected.filter((pattern) => !targets.some((target) => isOne(target, pattern)));
  return missing.map((pattern) => ({
    object: `target/${pattern}`,
    status: 'warn',
    message: `Target ${pattern} is expected, but Prometheus scrapes none like it`,
    fix: { summary: 'See whether its exporter runs, and its ServiceMonitor or scrape job is there', command: null },
  }));
}

function isOne({ job, instance }: Target, pattern: string): boolean {
  return matches(pattern, pattern.includes('/') ? `${job}/${instance}` : job);
}
