import { describe, expect, it } from 'vitest';
import { runTargets } from '../../src/cli/targets.js';
import { absent, live, loading, stale } from '../../src/state/freshness.js';
import { aSession } from '../builders/fake-session.js';
import { now } from '../builders/snapshot.js';
import { aLab, aTarget } from '../checks/lab.js';
import { written } from './written.js';

const targets = [
  aTarget({ job: 'node-exporter', instance: 'gpu-2:9100' }),
  aTarget({ job: 'dcgm-exporter', instance: 'gpu-2:9400', health: 'down', lastError: 'connection refused', scrapeDurationSeconds: 0.001 }),
  aTarget({ job: 'dcgm-exporter', instance: 'gpu-1:9400', health: 'unknown', lastScrapeAt: null, scrapeDurationSeconds: null }),
];
const lab = { ...aLab({ targets: live(targets, now) }), at: now };

describe('targets', () => {
  it('as JSON say what Prometheus says', async () => {
    const out = written();
    expect(await runTargets(aSession(lab), { output: 'json' }, out)).toBe(0);
    expect(out.json()).toEqual({
      schemaVersion: 1,
      prometheus: { url: 'https://10.0.0.10:6443/proxy', version: '3.14.0' },
      targets: [
        { job: 'dcgm-exporter', instance: 'gpu-1:9400', health: 'unknown', lastError: null, lastScrape: null, scrapeDurationSeconds: null },
        {
          job: 'dcgm-exporter',
          instance: 'gpu-2:9400',
          health: 'down',
          lastError: 'connection refused',
          lastScrape: '2026-11-02T14:02:06.000Z',
          scrapeDurationSeconds: 0.001,
        },
        { job: 'node-exporter', instance: 'gpu-2:9100', health: 'up', lastError: null, lastScrape: '2026-11-02T14:02:06.000Z', scrapeDurationSeconds: 0.012 },
      ],
    });
  });

  it('as text are a table by job', async () => {
    const out = written();
    await runTargets(aSession(lab), { output: 'text' }, out);
    expect(out.text()).toMatchInlineSnapshot(`
      "! 1 of 3 targets up  Prometheus 3.14.0, service monitoring/prometheus

      JOB            INSTANCE    HEALTH     SCRAPED   TOOK  LAST ERROR
      dcgm-exporter  gpu-1:9400  ? unknown    never      –
                     gpu-2:9400  ✗ down          5s   1 ms  connection refused
      node-exporter  gpu-2:9100  ✓ up            5s  12 ms
      "
    `);
  });

  it.each([
    [
      'none is found',
      absent<never>('no Prometheus found: looked for services named or labelled prometheus in all namespaces (4 services)'),
      /^gpuk8s-tui: no Prometheus found: .*; give its address with --prometheus URL\n$/,
    ],
    [
      'it does not answer',
      loading<never>(now, 'service monitoring/prometheus has no ready pods'),
      /^gpuk8s-tui: cannot show the targets: service monitoring\/prometheus has no ready pods\n$/,
    ],
    ['it answers no more', stale(targets, now, 'connection refused'), /^gpuk8s-tui: cannot show the targets: connection refused\n$/],
  ])('end with 2, null and a sentence when %s', async (_, slice, sentence) => {
    const out = written();
    const prometheus = slice.value === null ? slice : lab.prometheus;
    expect(await runTargets(aSession({ ...lab, targets: slice, prometheus }), { output: 'json' }, out)).toBe(2);
    expect(out.json()).toEqual({ schemaVersion: 1, prometheus: null, targets: [] });
    expect(out.errors()).toMatch(sentence);
  });
});
