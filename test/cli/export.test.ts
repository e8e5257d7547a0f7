import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ExportOptions, type ExportSource, runExport } from '../../src/cli/export.js';
import { parseMoment } from '../../src/cli/export-range.js';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { MonitoringError } from '../../src/prometheus/monitoring-error.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { hasPrometheus, hasPromtool, realPrometheus } from '../prometheus/real-prometheus.js';
import { written } from './written.js';

const now = Date.UTC(2026, 10, 2, 14, 0, 0);
const never = new AbortController().signal;

/** A Prometheus whose CPU is the minute of the hour and whose one service takes a tenth of a second; nothing at minute 5. */
function aSource(overrides: Partial<ExportSource> = {}): ExportSource & { readonly asked: { readonly startAt: number; readonly endAt: number }[] } {
  const asked: { startAt: number; endAt: number }[] = [];
  const service = new Map([
    ['namespace', 'ai'],
    ['app', 'resnet50'],
  ]);
  return {
    asked,
    now: async () => now,
    query: async () => ({ value: [], notes: [] }),
    labelNames: async () => ({ value: [], notes: [] }),
    labelValues: async () => ({ value: [], notes: [] }),
    series: async () => ({ value: [new Map([...service, ['__name__', 'inference_latency_seconds_bucket']])], notes: [] }),
    async queryRange(expr, { startAt, endAt, stepMs }) {
      const moments = Array.from({ length: (endAt - startAt) / stepMs + 1 }, (_, index) => startAt + index * stepMs);
      const of = (labels: ReadonlyMap<string, string>, value: (at: number) => number | null) => ({
        value: [{ labels, series: { startAt, stepMs, values: moments.map(value) } }],
        notes: ['an old block is missing'],
      });
      if (expr.includes('node_cpu')) {
        asked.push({ startAt, endAt });
        return of(new Map(), (at) => (new Date(at).getUTCMinutes() === 5 ? null : new Date(at).getUTCMinutes()));
      }
      if (expr.includes('inference_latency_seconds')) return of(service, () => (expr.includes('0.95') ? 0.2 : 0.1));
      return { value: [], notes: [] };
    },
    ...overrides,
  };
}

function options(changes: Partial<ExportOptions> = {}): ExportOptions {
  return { from: { agoMs: 600_000 }, to: { agoMs: 0 }, stepMs: 60_000, format: 'csv', services: [], file: null, resume: false, ...changes };
}

async function inFolder(test: (file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-export-'));
  try {
    await test(join(folder, 'table'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a time on the command line', () => {
  it.each([
    ['now', { agoMs: 0 }],
    ['-24h', { agoMs: 86_400_000 }],
    ['now-90s', { agoMs: 90_000 }],
    ['2026-11-02T14:00:00Z', { at: now }],
    ['2026-11-02T15:00+01:00', { at: now }],
    ['1793628000', { at: 1_793_628_000_000 }],
  ])('may be %s', (text, moment) => expect(parseMoment(text)).toEqual(moment));

  it.each(['yesterday', '24h', '-24', '2026-11-02', '2026-13-02T14:00:00Z', ''])('cannot be "%s"', (text) => expect(parseMoment(text)).toBeNull());
});

describe('export', () => {
  it('writes a line for each moment, with units in the header and gaps empty', async () => {
    const out = written();
    expect(await runExport(aSource(), options(), out, never)).toBe(0);
    const lines = out.text().trimEnd().split('\n');
    expect(lines[0]).toBe(
      'timestamp,cpu_util [%],ram_usage [%],gpu_util [%],gpu_memory [%],latency [s],ai/resnet50 p50 [s],ai/resnet50 p95 [s],ai/resnet50 p99 [s]',
    );
    expect(lines).toHaveLength(12);
    expect(lines[1]).toBe('2026-11-02T13:50:00Z,50,,,,0.2,0.1,0.2,0.1');
    expect(lines.at(-1)).toBe('2026-11-02T14:00:00Z,0,,,,0.2,0.1,0.2,0.1');
    expect(out.errors()).toContain('gpu_util is empty: nothing in this time from dcgm-exporter (DCGM_FI_DEV_GPU_UTIL)');
    expect(out.errors()).toContain('Prometheus says: an old block is missing');
  });

  it('writes the same as JSON', async () => {
    const out = written();
    await runExport(aSource(), options({ format: 'json' }), out, never);
    expect(out.json()).toMatchObject({
      schemaVersion: 1,
      stepSeconds: 60,
      columns: expect.arrayContaining([{ name: 'cpu_util', unit: '%' }]),
      rows: expect.arrayContaining([
        {
          timestamp: '2026-11-02T14:00:00Z',
          cpu_util: 0,
          ram_usage: null,
          gpu_util: null,
          gpu_memory: null,
          latency: 0.2,
          'ai/resnet50 p50': 0.1,
          'ai/resnet50 p95': 0.2,
          'ai/resnet50 p99': 0.1,
        },
      ]),
    });
  });

  it('asks for the next part only when the last is written, and for no moment twice', async () => {
    const source = aSource();
    const out = written();
    await runExport(source, options({ from: { agoMs: 24 * 3_600_000 }, stepMs: 15_000 }), out, never);
    expect(source.asked.length).toBeGreaterThan(4);
    source.asked.forEach(({ startAt }, index) => {
      if (index > 0) expect(startAt).toBe((source.asked[index - 1]?.endAt ?? 0) + 15_000);
    });
    const moments = out
      .text()
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(moments).toHaveLength(5761);
    expect(new Set(moments).size).toBe(5761);
  });

  it('asks for smaller parts where Prometheus finds them too much', async () => {
    const source = aSource();
    const out = written();
    const picky: ExportSource = {
      ...source,
      queryRange: async (expr, range, how) => {
        if ((range.endAt - range.startAt) / range.stepMs > 300)
          throw new MonitoringError('bad-query', 'refuses the query: query processing would load too many samples into memory');
        return source.queryRange(expr, range, how);
      },
    };
    await runExport(picky, options({ from: { agoMs: 1000 * 60_000 } }), out, never);
    const moments = out
      .text()
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect([moments.length, new Set(moments).size]).toEqual([1001, 1001]);
  });

  it('takes only the services that are asked for, and says which there are', async () => {
    const series = async () => ({
      value: ['resnet50', 'whisper'].map(
        (app) =>
          new Map([
            ['__name__', 'inference_latency_seconds_bucket'],
            ['namespace', 'ai'],
            ['app', app],
          ]),
      ),
      notes: [],
    });
    const out = written();
    await runExport(aSource({ series }), options({ services: ['whisper'] }), out, never);
    expect(out.text().split('\n')[0]).toContain('ai/whisper p50');
    expect(out.text().split('\n')[0]).not.toContain('resnet50');
    await expect(runExport(aSource({ series }), options({ services: ['bert'] }), written(), never)).rejects.toThrow(
      'no service "bert": there are ai/resnet50, ai/whisper',
    );
  });

  it('refuses a span that ends before it begins', async () => {
    await expect(runExport(aSource(), options({ from: { agoMs: 0 }, to: { agoMs: 600_000 } }), written(), never)).rejects.toThrow(
      '--from has to be the earlier one',
    );
  });

  it('does not write over a file', () =>
    inFolder(async (file) => {
      writeFileSync(file, 'mine');
      await expect(runExport(aSource(), options({ file }), written(), never)).rejects.toThrow(/is there already: give --resume/);
      expect(readFileSync(file, 'utf8')).toBe('mine');
      await expect(runExport(aSource(), options({ file, resume: true }), written(), never)).rejects.toThrow(
        /does not begin as such a table does|is there already/,
      );
    }));
});

describe('a broken export', () => {
  it.each(['csv', 'json'] as const)('in %s is gone on with at whichever byte it broke off, and is the same in the end', (format) =>
    inFolder(async (file) => {
      await runExport(aSource(), options({ format, file }), written(), never);
      const whole = readFileSync(file);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      for (let size = 0; size < whole.length; size += 13) {
        writeFileSync(file, whole);
        truncateSync(file, size);
        await runExport(aSource(), options({ format, file, resume: true }), written(), never);
        expect([size, readFileSync(file, 'utf8')]).toEqual([size, whole.toString('utf8')]);
      }
    }),
  );

  it('keeps what is whole when Prometheus goes away, and says how to go on', () =>
    inFolder(async (file) => {
      const source = aSource();
      const wide = options({ file, from: { agoMs: 2000 * 60_000 } });
      const dying: ExportSource = {
        ...source,
        queryRange: async (expr, range, how) => {
          if (source.asked.length >= 1 && range.startAt > now - 1000 * 60_000) throw new MonitoringError('denied', 'Prometheus refuses us (403)');
          return source.queryRange(expr, range, how);
        },
      };
      await expect(runExport(dying, wide, written(), never)).rejects.toThrow(/refuses us \(403\); what is in .* is whole: the same command with --resume/);
      await runExport(aSource(), { ...wide, resume: true }, written(), never);
      const moments = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]);
      expect([moments.length, new Set(moments).size]).toEqual([2001, 2001]);
    }));

  it('is not gone on with in other steps', () =>
    inFolder(async (file) => {
      await runExport(aSource(), options({ file }), written(), never);
      await expect(runExport(aSource(), options({ file, resume: true, stepMs: 30_000 }), written(), never)).rejects.toThrow(
        'has steps of 60 s: give --step 60s',
      );
    }));

  it('keeps its columns when there is a new service meanwhile', () =>
    inFolder(async (file) => {
      await runExport(aSource(), options({ file, to: { agoMs: 300_000 } }), written(), never);
      const series = async () => ({
        value: ['resnet50', 'whisper'].map(
          (app) =>
            new Map([
              ['__name__', 'inference_latency_seconds_bucket'],
              ['namespace', 'ai'],
              ['app', app],
            ]),
        ),
        notes: [],
      });
      await runExport(aSource({ series }), options({ file, resume: true }), written(), never);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(12);
      for (const line of lines) expect(line.split(',')).toHaveLength(9);
    }));
});

describe.skipIf(!hasPrometheus || !hasPromtool)('export from a real Prometheus', () => {
  it('of 24 h at 15 s for 20 series is complete and says what its own API says', { timeout: 120_000 }, async () => {
    const end = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
    const start = end - 24 * 3_600_000;
    await using real = await realPrometheus({ onlyJobs: true, history: aDayOfLatency(start, end) });
    const source = createPrometheusClient(urlRoad(real.url));
    const out = written();
    const before = process.memoryUsage().rss;
    let most = before;
    const progress = () => {
      most = Math.max(most, process.memoryUsage().rss);
    };
    await runExport(source, options({ from: { at: start }, to: { at: end }, stepMs: 15_000 }), out, never, progress);
    const [header = '', ...lines] = out.text().trimEnd().split('\n');
    const columns = header.split(',');
    expect(columns).toHaveLength(6 + 18);
    const moments = lines.map((line) => line.split(',')[0]);
    expect([moments.length, new Set(moments).size]).toEqual([5761, 5761]);
    expect((most - before) / 2 ** 20).toBeLessThan(200);

    for (const hour of [3, 11, 23]) {
      const at = start + hour * 3_600_000;
      const fields = lines.find((line) => line.startsWith(new Date(at).toISOString().replace('.000Z', 'Z')))?.split(',') ?? [];
      const own = await fetch(
        `${real.url}/api/v1/query?${new URLSearchParams({ time: String(at / 1000), query: 'histogram_quantile(0.95, sum by (le) (rate(inference_latency_seconds_bucket{app="app-3"}[5m])))' })}`,
      );
      const { data }: { data: { result: { value: [number, string] }[] } } = JSON.parse(await own.text());
      expect(Number(fields[columns.indexOf('ai/app-3 p95 [s]')])).toBeCloseTo(Number(data.result[0]?.value[1]), 8);
    }
  });
});

/** Six services whose requests take longer by the hour, a sample a minute, as OpenMetrics text. */
function aDayOfLatency(start: number, end: number): string {
  const bounds = ['0.05', '0.1', '0.5', '+Inf'];
  const lines = ['# TYPE inference_latency_seconds histogram'];
  for (let app = 0; app < 6; app += 1) {
    const labels = `namespace="ai",app="app-${app}"`;
    for (const [index, bound] of bounds.entries()) {
      for (let at = start - 600_000; at <= end; at += 60_000) {
        const minutes = (at - start + 600_000) / 60_000;
        const slow = minutes ** 2 / 2000;
        const counts = [minutes * 10, minutes * (20 + app), minutes * 30 + slow, minutes * 31 + slow];
        lines.push(`inference_latency_seconds_bucket{${labels},le="${bound}"} ${counts[index]} ${at / 1000}`);
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
