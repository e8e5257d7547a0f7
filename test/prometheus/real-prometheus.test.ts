import { describe, expect, it } from 'vitest';
import { runTargets } from '../../src/cli/targets.js';
import { startPrometheusFeed } from '../../src/prometheus/feed.js';
import { createStore } from '../../src/state/store.js';
import { aSession } from '../builders/fake-session.js';
import { aSnapshot } from '../builders/snapshot.js';
import { scriptedApi } from '../kube/api-server.js';
import { clientFor } from '../kube/client-for.js';
import { until } from '../kube/until.js';
import { hasPrometheus, realPrometheus } from './real-prometheus.js';

interface OwnTarget {
  readonly labels: { readonly job: string; readonly instance: string };
  readonly health: string;
  readonly lastError: string;
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
}

/** What Prometheus' own API says, in the words of `targets --output json`. */
async function ownWords(url: string): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/targets?state=active`);
  const { data }: { data: { activeTargets: OwnTarget[] } } = JSON.parse(await response.text());
  return data.activeTargets
    .map(({ labels, health, lastError, lastScrape, lastScrapeDuration }) => ({
      job: labels.job,
      instance: labels.instance,
      health,
      lastError: lastError === '' ? null : lastError,
      lastScrape: new Date(lastScrape).toISOString(),
      scrapeDurationSeconds: lastScrapeDuration,
    }))
    .sort((a, b) => (a.job < b.job ? -1 : 1));
}

describe.skipIf(!hasPrometheus)('a real Prometheus', () => {
  it.concurrent.each([
    ['at its root', '', ''],
    ['below --web.route-prefix, given with it', '/prometheus', '/prometheus'],
    ['below --web.route-prefix, given without it', '/prometheus', ''],
  ])('%s says the same through `targets` as by its own API', { timeout: 60_000 }, async (_, routePrefix, given) => {
    await using real = await realPrometheus({ routePrefix });
    await using api = await scriptedApi();
    using client = clientFor(api.url);
    const store = createStore({ flushMs: 5, settleMs: 1 });
    store.writeConnection(aSnapshot().connection);
    store.flush();
    const feed = startPrometheusFeed({ client, store, prometheusUrl: `http://127.0.0.1:${real.port}${given}`, everyMs: 100 });
    const session = { ...aSession(store.snapshot()), snapshot: store.snapshot, subscribe: store.subscribe };
    await until(() => store.snapshot().targets.value?.filter(({ health }) => health !== 'unknown').length === 2, 30_000);

    // It scrapes all the time: agreed is when it said the same before and after we looked.
    let agreed: { own: unknown; ours: unknown } | null = null;
    for (let attempt = 0; agreed === null && attempt < 50; attempt += 1) {
      const before = await ownWords(real.url);
      const looked = Date.now();
      feed.refresh();
      await until(() => store.snapshot().targets.freshness.status === 'live' && (freshAt(store.snapshot().targets.freshness) ?? 0) > looked);
      const printed: string[] = [];
      const out = { stdout: (text: string) => void printed.push(text), stderr: (text: string) => expect(text).toBe(''), isTty: false };
      expect(await runTargets(session, { output: 'json' }, out)).toBe(0);
      const own = await ownWords(real.url);
      if (JSON.stringify(own) === JSON.stringify(before)) agreed = { own, ours: JSON.parse(printed.join('')) };
    }
    expect(agreed?.ours).toEqual({ schemaVersion: 1, prometheus: { url: real.url, version: expect.stringMatching(/^\d+\.\d+/) }, targets: agreed?.own });
    expect(JSON.stringify(agreed?.ours)).toContain('connection refused');
    feed.close();
    store.close();
  });
});

function freshAt(freshness: { readonly status: string; readonly at?: number }): number | null {
  return freshness.at ?? null;
}
