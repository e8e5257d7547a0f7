import { describe, expect, it } from 'vitest';
import { durationSeconds } from '../../src/prometheus/prometheus-duration.js';
import { parseTargets } from '../../src/prometheus/targets.js';
import { aRawTarget } from './web-server.js';

const parse = (...targets: readonly unknown[]) => parseTargets({ status: 'success', data: { activeTargets: targets } });

describe('targets as Prometheus lists them', () => {
  it('are read with job, instance, health and times', () => {
    expect(parse(aRawTarget())).toEqual([
      {
        job: 'node-exporter',
        instance: '10.0.0.11:9100',
        pool: 'serviceMonitor/monitoring/node-exporter/0',
        scrapeUrl: 'http://10.0.0.11:9100/metrics',
        health: 'up',
        lastError: null,
        lastScrapeAt: Date.UTC(2026, 10, 2, 14, 2, 6, 512),
        scrapeDurationSeconds: 0.012,
        scrapeIntervalSeconds: 90,
        scrapeTimeoutSeconds: 10,
        labels: new Map([
          ['instance', '10.0.0.11:9100'],
          ['job', 'node-exporter'],
          ['node', 'gpu-1'],
        ]),
      },
    ]);
  });

  it('were never scraped where the time is Go’s zero', () => {
    const [target] = parse(aRawTarget({ lastScrape: '0001-01-01T00:00:00Z', lastScrapeDuration: 'NaN', health: 'unknown' }));
    expect(target).toMatchObject({ lastScrapeAt: null, scrapeDurationSeconds: null, health: 'unknown' });
  });

  it('keep their places when half of the fields are missing or of another type', () => {
    const [first, second] = parse(
      { labels: null, health: 7, scrapePool: 'pool', lastScrape: 5 },
      'no target',
      aRawTarget({ health: 'down', lastError: 'refused' }),
    );
    expect(first).toMatchObject({ job: 'pool', instance: '', health: 'unknown', lastError: null, lastScrapeAt: null, scrapeIntervalSeconds: null });
    expect(second).toMatchObject({ health: 'down', lastError: 'refused' });
  });

  it('cannot write to the terminal with their labels and errors', () => {
    const [target] = parse(
      aRawTarget({ labels: { job: '\u001b[31mred\u0007', instance: 'a\nb', ['x'.repeat(10_000)]: 'y'.repeat(10_000) }, lastError: 'bad\u202etxet' }),
    );
    expect(target).toMatchObject({ job: 'red', instance: 'a b', lastError: 'badtxet' });
    for (const [name, value] of target?.labels ?? []) expect(name.length + value.length).toBeLessThan(2000);
  });

  it('do not show the password of a scrape URL', () => {
    const [target] = parse(
      aRawTarget({ scrapeUrl: 'http://scraper:s3cret@10.0.0.11/metrics', lastError: 'Get "http://scraper:s3cret@10.0.0.11/metrics": EOF' }),
    );
    expect(JSON.stringify(target)).not.toContain('s3cret');
  });

  it('are none where the answer is something else', () => {
    expect(parseTargets(null)).toEqual([]);
    expect(parseTargets({ data: { activeTargets: {} } })).toEqual([]);
  });
});

describe('a duration of Prometheus', () => {
  it.each([
    ['15s', 15],
    ['1m30s', 90],
    ['250ms', 0.25],
    ['1h', 3600],
    ['1d2h', 93_600],
    ['0s', 0],
  ])('%s is %d seconds', (text, seconds) => expect(durationSeconds(text)).toBe(seconds));

  it.each(['', '15', 's', '-1s', '1 s', null])('%s is none', (text) => expect(durationSeconds(text)).toBeNull());
});
