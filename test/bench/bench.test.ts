import { once } from 'node:events';
import { createServer } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { makeServingCertificate } from '../../src/demo/api/certificate.js';
import { kubeconfigText } from '../../src/demo/api/kubeconfig.js';
import { createKubeClient } from '../../src/kube/http-client.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import { interleaved } from './interleaved.js';
import type { Surroundings } from './machine.js';
import { atMost, atMostTimes, measurement, quantile } from './measurement.js';
import { isWhole } from './overview.js';
import { startRequestCounter } from './request-counter.js';
import { resultsTable } from './table.js';

const peer = measurement({ id: 'start/kubectl', what: 'kubectl get nodes, 3 nodes', unit: 'ms', samples: [100, 110, 90] });
const own = measurement({ id: 'start/whole', what: 'whole Overview, 3 nodes', unit: 'ms', samples: [300, 200, 250] }, { against: peer, bar: atMostTimes(1) });

describe('a line of the benchmark', () => {
  it('counts the median, and says whether the bar is met', () => {
    expect(own).toMatchObject({ value: 250, peer: { ratio: 2.5 }, bar: { text: '≤ 1 × peer', met: false } });
    expect(measurement({ ...peer }, { bar: atMost(150, 'ms') }).bar).toEqual({ text: '≤ 150 ms', met: true });
  });

  it('has a 95th percentile between two samples', () => {
    expect(quantile([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('is compared with the last release by its ratio to the peer, or else by itself', () => {
    const lines = new Map([
      ['start/whole', { value: 100, ratio: 5 }],
      ['start/kubectl', { value: 50, ratio: null }],
    ]);
    const table = resultsTable(surroundings, [peer, own], { what: '0.0.9', lines });
    expect(table).toMatch(/^2\.00~ +kubectl get nodes, 3 nodes +100 ms +90\.0-110 +3$/m);
    expect(table).toMatch(/^0\.50 +whole Overview, 3 nodes +250 ms +200-300 +3 +2\.50 × kubectl get nodes +MISSED ≤ 1 × peer$/m);
  });
});

it('takes turns, each round beginning with another one', async () => {
  const order: string[] = [];
  await interleaved(
    3,
    ['a', 'b', 'c'].map((name) => async () => void order.push(name)),
  );
  expect(order.join('')).toBe('abcbcacab');
});

it('takes an Overview for whole only with a verdict and nothing on its way', () => {
  expect(isWhole(['╭─ Looking ───╮'])).toBe(false);
  expect(isWhole(['╭─ Everything came back ─╮', '╭─ Events ─╮', '│ loading    │'])).toBe(false);
  expect(isWhole(['╭─ Everything came back ─╮', '╭─ Events ─╮', '│ 36m Killing │'])).toBe(true);
});

describe('counting requests', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it('tells apart what is listed and what is watched, over kept connections', async () => {
    const { certPem, keyPem, caPem } = makeServingCertificate();
    const server = createServer({ cert: certPem, key: keyPem }, (_, response) => void response.setHeader('content-type', 'application/json').end('{}')).listen(
      0,
      '127.0.0.1',
    );
    closing.push(() => server.close());
    await once(server, 'listening');
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    const counter = await startRequestCounter(url);
    closing.push(() => counter.close());
    const text = counter.kubeconfig(kubeconfigText({ server: url, caPem, user: 'admin', token: 'x' }));
    const config = loadKubeconfig({ text, env: {}, homeDir: '/nowhere' });
    if (config.status !== 'usable') throw new Error(JSON.stringify(config));
    const client = createKubeClient(config, { env: {} });
    closing.push(() => client.close());
    for (const query of [{ limit: '500' }, { limit: '500' }, { watch: '1' }]) await client.request('/api/v1/pods', { query });
    expect([...counter.asked()]).toEqual([
      ['GET /api/v1/pods', 2],
      ['GET /api/v1/pods?watch', 1],
    ]);
  });
});

const surroundings: Surroundings = {
  at: '2026-11-02T14:00:00.000Z',
  version: '0.1.0',
  commit: 'abc1234',
  node: 'v24.21.0',
  kubectl: null,
  processor: 'Processor',
  cores: 2,
  memoryGB: 8,
  system: 'Debian',
  load: [0, 1],
  binaryMB: null,
};
