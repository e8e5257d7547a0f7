import { expect, it } from 'vitest';
import { runTargets } from '../../src/cli/targets.js';
import { createPrometheusClient } from '../../src/prometheus/client.js';
import { urlRoad } from '../../src/prometheus/road.js';
import { live } from '../../src/state/freshness.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { now } from '../builders/snapshot.js';
import { aLab } from '../checks/lab.js';
import { written } from '../cli/written.js';
import { aRawTarget, prometheusAnswers, webServer } from './web-server.js';

it('five thousand targets are read, printed and scrolled without a pause', { timeout: 60_000 }, async () => {
  const many = Array.from({ length: 5000 }, (_, index) => {
    const isDown = index % 50 === 7;
    return aRawTarget({
      labels: { job: `pods-${index % 20}`, instance: `10.244.${index >> 8}.${index & 255}:8000`, pod: `p-${index}`, tale: 'says "hi"\nand \\ goes' },
      health: isDown ? 'down' : 'up',
      lastError: isDown ? `Get "http://10.244.${index >> 8}.${index & 255}:8000/metrics": connect: connection refused` : '',
    });
  });
  await using server = await webServer((path, response) => prometheusAnswers(path, response, { targets: many }));
  const client = createPrometheusClient(urlRoad(server.url));
  await client.targets();
  const began = performance.now();
  const targets = await client.targets();
  const readMs = performance.now() - began;
  expect(targets).toHaveLength(5000);

  const session = aSession({ ...aLab({ targets: live(targets, now) }), at: now });
  const out = written();
  const printing = performance.now();
  await runTargets(session, { output: 'text' }, out);
  const printMs = performance.now() - printing;
  expect(out.text()).toContain('4900 of 5000 targets up');

  const app = anApp(session, { screen: 'monitoring' });
  await app.until((screen) => screen.includes('pods-7'));
  const first = marked(await app.screen());
  const at = performance.now();
  app.type('j'.repeat(40));
  await app.until((screen) => ![first, ''].includes(marked(screen)) && screen.includes('41 of 5,000'));
  const scrollMs = performance.now() - at;
  await app.close();
  expect(readMs).toBeLessThan(1_000);
  expect(printMs).toBeLessThan(1_000);
  expect(scrollMs).toBeLessThan(2_000);
});

/** The instance of the target that is chosen. */
function marked(screen: string): string {
  return /▸ pods-\d+ +(\S+)/.exec(screen)?.[1] ?? '';
}
