import { describe, expect, it } from 'vitest';
import { commandFor, suggestions } from '../../views/palette.js';

const source = {
  contexts: ['lab', 'prod-cluster', 'staging'].map((name) => ({ name, server: `https://${name}:6443`, namespace: null, current: name === 'lab' })),
  scenarios: [
    { name: 'healthy', summary: 'all is well' },
    { name: 'gpu-lost', summary: 'no GPUs on one node' },
  ],
};
const texts = (typed: string) => suggestions(typed, source).map(({ text }) => text);

describe('the palette', () => {
  it('offers all commands before anything is typed', () => {
    expect(texts('')).toEqual([
      'overview',
      'nodes',
      'gpus',
      'monitoring',
      'latency',
      'workloads',
      'cleanup',
      'setup',
      'journal',
      'ctx',
      'demo',
      'settings',
      'experiment',
      'new setup',
      'refresh',
      'help',
      'quit',
    ]);
  });

  it('finds a command by its beginning, by a part, and with letters left out', () => {
    expect(texts('no')[0]).toBe('nodes');
    expect(texts('itor')[0]).toBe('monitoring');
    expect(texts('wkl')[0]).toBe('workloads');
  });

  it('completes contexts and scenarios', () => {
    expect(texts('ctx ')).toEqual(['ctx lab', 'ctx staging', 'ctx prod-cluster']);
    expect(texts('ctx prod')).toEqual(['ctx prod-cluster']);
    expect(texts('demo gpu')).toEqual(['demo gpu-lost']);
  });

  it('runs what was typed in full, else the chosen offer', () => {
    expect(commandFor('nodes', 0, source)).toEqual({ do: 'show', screen: 'nodes' });
    expect(commandFor('ctx', 0, source)).toEqual({ do: 'contexts' });
    expect(commandFor('ctx st', 0, source)).toEqual({ do: 'context', name: 'staging' });
    expect(commandFor('', 2, source)).toEqual({ do: 'show', screen: 'gpus' });
  });

  it('says what there is when there is no such thing', () => {
    expect(commandFor('ctx nowhere', 0, source)).toEqual({ why: 'no context "nowhere": there is lab, prod-cluster, staging' });
    expect(commandFor('demo xx', 0, source)).toEqual({ why: 'no scenario "xx": there is healthy, gpu-lost' });
    expect(commandFor('frobnicate', 0, source)).toEqual({ why: 'unknown command "frobnicate": ? lists what there is' });
  });
});
