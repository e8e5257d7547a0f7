import { execFileSync } from 'node:child_process';
import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { assetsPath } from '../../src/assets-path.js';
import { alertRules, prometheusRule } from '../../src/prometheus/alert-rules.js';
import { hasPromtool, promtoolProgram } from './real-prometheus.js';

const head = '# Made from the catalogue of queries by `npm run dashboards`.\n';
const yaml = (object: unknown) => `${head}${dump(object, { lineWidth: -1, noRefs: true })}`;

describe('the alert rules', () => {
  it('lie in assets as a plain file', async () => {
    await expect(yaml({ groups: alertRules() })).toMatchFileSnapshot('../../assets/alerts/gpuk8s.rules.yaml');
  });

  it('lie in assets as a PrometheusRule', async () => {
    await expect(yaml(prometheusRule(null))).toMatchFileSnapshot('../../assets/alerts/gpuk8s.prometheusrule.yaml');
  });

  it('are the same in both', () => {
    expect(prometheusRule('monitoring', { release: 'kps' })).toMatchObject({
      metadata: { namespace: 'monitoring', labels: { release: 'kps' } },
      spec: { groups: load(dump(alertRules())) },
    });
  });

  it('have names of their own, a severity and words for a person', () => {
    const rules = alertRules().flatMap(({ rules: own }) => own);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules)
      expect([labels.severity.length > 0, annotations.summary.length > 10, annotations.description.length > 20]).toEqual([true, true, true]);
  });

  it.skipIf(!hasPromtool)('are what promtool takes for good (skipped where promtool is not installed)', () => {
    const said = execFileSync(promtoolProgram, ['check', 'rules', assetsPath('alerts', 'gpuk8s.rules.yaml')], { encoding: 'utf8' });
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
  });
});
