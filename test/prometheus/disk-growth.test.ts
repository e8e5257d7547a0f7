import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diskGrowth } from '../../src/prometheus/disk-growth.js';
import { samplesIn } from '../../src/prometheus/query-answers.js';
import { type Asking, ask } from '../demo/monitoring/asking.js';
import { aWorld } from '../demo/monitoring/world.js';

describe('how the disks fill', () => {
  let asking: Asking;
  beforeAll(async () => {
    asking = await ask(aWorld());
  });
  afterAll(() => asking.close());

  it('is told for the root file system of each node, by its name', async () => {
    const growth = await diskGrowth({
      async query(query) {
        const { body } = await asking.get(`/api/v1/query?${new URLSearchParams({ query })}`);
        return { value: samplesIn(body), notes: [] };
      },
    });
    expect(growth.map(({ mount }) => mount)).toEqual(['/', '/', '/']);
    expect(growth.map(({ node }) => node).sort()).toEqual(['controlplane', 'gpu-1', 'gpu-2']);
    for (const { bytesPerHour, fullInMs } of growth) expect(fullInMs === null).toBe(bytesPerHour <= 0);
  });
});
