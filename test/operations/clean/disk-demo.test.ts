import { describe, expect, it } from 'vitest';
import { cleanDisk } from '../../../src/operations/clean/disk.js';
import { carryOut } from '../fixes/a-scene.js';
import { demoWorld } from '../fixes/demo-world.js';

const minute = 60_000;

describe('in the demo whose disk is full', () => {
  it(
    'what piled up is measured, goes in order of harm until there is room, and the pressure goes with it',
    async () => {
      await using demo = await demoWorld({ scenario: 'disk-full' });
      const planned = await cleanDisk.plan({ node: 'gpu-1' }, demo.world);
      expect(planned.plan.items.map(({ object }) => object)).toEqual(['disk/gpu-1/journal', 'disk/gpu-1/apt', 'disk/gpu-1/cri-images']);
      expect(planned.plan.items[0]?.exact).toBe("gpu-1# journalctl '--vacuum-size=500M'");
      expect(planned.plan.risk).toBe('disruptive');
      const outcome = await carryOut(planned, demo.world);
      expect(outcome).toMatchObject({
        state: 'done',
        failed: [],
        verification: { seen: true, text: expect.stringMatching(/^won \d+ GiB: \/ has \d+ %.*DiskPressure went/) },
      });
      // The journal alone was enough.
      expect(outcome.skipped).toBe(2);
    },
    minute,
  );
});
