import type { Target } from './targets.js';

/** Parsers with a fault each, by which the fuzzer shows that it would find one. */
export const planted: readonly Target[] = [
  { name: 'planted crash', seeds: ['{"a":{"b":1}}'], parse: (text) => (text.length % 7 === 3 ? JSON.parse('{}').a.b : text.length) },
  { name: 'planted escape', seeds: ['name: gpu-1'], parse: (text) => ({ shown: text.split('\n')[0] ?? '' }) },
  {
    name: 'planted hang',
    seeds: ['gpu-1 gpu-2'],
    parse(text) {
      while (text.includes('x')) text.trim();
      return text.length;
    },
  },
];
