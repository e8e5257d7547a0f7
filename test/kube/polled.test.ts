import { expect, test } from 'vitest';
import { createConnectionMonitor } from '../../src/kube/connection.js';
import { KubeError } from '../../src/kube/kube-error.js';
import { startPolled } from '../../src/kube/polled.js';
import type { Slice } from '../../src/state/freshness.js';
import { scriptedApi } from './api-server.js';
import { clientFor } from './client-for.js';
import { until } from './until.js';

test('what failed once is asked for again soon, however seldom it is asked for when all is well', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  const connection = createConnectionMonitor({ client, write: () => undefined });
  const slices: Slice<{ readonly rules: number }>[] = [];
  let looks = 0;
  const poller = startPolled({
    connection,
    everyMs: () => 600_000,
    verb: 'list',
    resource: 'rules',
    write: (slice) => slices.push(slice),
    async look() {
      looks += 1;
      if (looks === 1) throw new KubeError('server', 'etcd has no leader');
      return { rules: 3 };
    },
  });
  await until(() => slices.at(-1)?.freshness.status === 'live', 5_000);
  expect(slices.at(-1)?.value).toEqual({ rules: 3 });
  poller.close();
  connection.close();
});
