import { describe, expect, it } from 'vitest';
import { demoScenarios, loadScenario, parseScenario } from '../../../src/demo/scenario.js';

describe('scenario files', () => {
  it('are listed with their summaries, the healthy one first', () => {
    const scenarios = demoScenarios();
    expect(scenarios[0]?.name).toBe('healthy');
    expect(scenarios.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['rebooting', 'gpu-lost', 'evictions', 'monitoring-down', 'api-down', 'single-a16', 'h100']),
    );
    for (const { summary } of scenarios) expect(summary).not.toBe('');
  });

  it('an unknown name is answered with the names there are', () => {
    expect(() => loadScenario('gpu-los')).toThrow(/^There is no demo scenario "gpu-los"\. There are: healthy, .*gpu-lost/);
  });

  it.each([
    [[], 'the file must hold an object'],
    [{}, '"summary" must be a text'],
    [{ summary: 's', node: 3 }, '"node" is not a field; the fields are summary, nodes, single, machines, startSeconds, steps'],
    [{ summary: 's', nodes: 2 }, '"nodes" must be a whole number from 3 to 5000'],
    [{ summary: 's', nodes: 1 }, '"nodes" must be a whole number from 3 to 5000'],
    [{ summary: 's', single: 'A 16' }, '"single" must be the name of the only node'],
    [{ summary: 's', single: true }, '"single" must be the name of the only node'],
    [{ summary: 's', single: 'a16', nodes: 3 }, '"nodes" does not go with "single"'],
    [{ summary: 's', startSeconds: { whisper: 'long' } }, '"startSeconds.whisper" must be a number of seconds'],
    [{ summary: 's', steps: [{ do: 'api', accepting: true }] }, 'step 1 needs "at", its seconds from the start'],
    [{ summary: 's', steps: [{ at: 1, do: 'explode' }] }, 'step 1 has an unknown "do" ("explode"); known are node-down'],
    [
      { summary: 's', steps: [{ at: 1, do: 'pressure', node: 'gpu-1', type: 'Heat', on: true }] },
      'step 1 needs "type", one of DiskPressure, MemoryPressure, PIDPressure',
    ],
    [
      { summary: 's', steps: [{ at: 1, do: 'evict', node: 'gpu-1', count: 1, days: 1, owners: [{ namespace: 'ai' }] }] },
      'step 1 has an owner without "deployment"',
    ],
  ])('%j is refused with one sentence', (document, sentence) => {
    expect(() => parseScenario('mine', document)).toThrow(`The demo scenario "mine" is wrong: ${sentence}`);
  });

  it('a file may list its steps in any order', () => {
    const { steps } = parseScenario('mine', {
      summary: 's',
      steps: [
        { at: 9, do: 'api', accepting: true },
        { at: 1, do: 'api', accepting: false },
      ],
    });
    expect(steps.map((step) => step.at)).toEqual([1, 9]);
  });
});
