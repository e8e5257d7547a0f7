import { describe, expect, it } from 'vitest';
import { parseLatencySources, parseSlos } from '../../src/config/latency-settings.js';
import { parseProbeSettings } from '../../src/config/probe-settings.js';
import { parseSettings } from '../../src/config/settings.js';

const ranker = { name: 'ranking', metric: 'ranker_ms', unit: 'milliseconds' };

describe('latency sources of one’s own', () => {
  it('may name a selector, counters and a queue', () => {
    const whole = {
      ...ranker,
      namespace: 'ai',
      selector: 'app="ranker",path!~"/health|/\\"x\\""',
      requests: 'ranker_total',
      errors: 'ranker_total{code=~"5.."}',
      queue: 'q',
    };
    expect(parseLatencySources([ranker, { ...whole, name: 'other' }])).toEqual([ranker, { ...whole, name: 'other' }]);
    expect(parseLatencySources([])).toEqual([]);
  });

  it.each([
    [{}, 'is not a list'],
    [['ranker_ms'], 'entry 1 is not an object'],
    [[{ ...ranker, units: 's' }], 'entry 1 has an unknown key "units" (known: name, namespace, metric, selector, unit, requests, errors, queue)'],
    [[{ ...ranker, name: '' }], 'entry 1 has no name of up to 40 characters'],
    [[{ ...ranker, metric: 'ranker ms' }], 'entry 1 has no metric: the name of a histogram, without _bucket'],
    [[{ ...ranker, metric: 'ranker_ms_bucket' }], "entry 1 has the metric ranker_ms_bucket: give the histogram's name without _bucket, _sum and _count"],
    [[{ ...ranker, unit: 'ms' }], 'entry 1 has no unit: one of seconds, milliseconds, microseconds'],
    [[{ ...ranker, namespace: 'Not_One' }], 'entry 1 has a namespace that is none'],
    [
      [{ ...ranker, selector: 'app="x"} or up{' }],
      'entry 1 has a selector that is none: give label matchers without braces, such as app="ranker",path!="/health"',
    ],
    [[{ ...ranker, selector: 'app="x\n"' }], 'entry 1 has a selector that is none: give label matchers without braces, such as app="ranker",path!="/health"'],
    [[{ ...ranker, queue: 'sum(q)' }], 'entry 1 has queue that are no name of a metric, with label matchers in braces where needed'],
    [[ranker, ranker], 'entry 2 has the name "ranking" of another one'],
  ])('%j is no such list', (given, problem) => expect(parseLatencySources(given)).toBe(problem));
});

describe('latency objectives', () => {
  it('are seconds by service', () => expect(parseSlos({ 'ai/resnet50': 0.1, whisper: 5 })).toEqual({ 'ai/resnet50': 0.1, whisper: 5 }));

  it.each([
    [[], 'is not an object of services and seconds'],
    [{ '/x': 1 }, '"/x" is not the name of a service, as NAME or namespace/name'],
    [{ '': 1 }, '"" is not the name of a service, as NAME or namespace/name'],
    [{ x: 0 }, 'x is not a number of seconds above 0'],
    [{ x: '100ms' }, 'x is not a number of seconds above 0'],
    [{ x: Number.NaN }, 'x is not a number of seconds above 0'],
    [{ x: 90_000 }, 'x is not a number of seconds above 0'],
  ])('%j are none', (given, problem) => expect(parseSlos(given)).toBe(problem));
});

describe('probes', () => {
  it('are URLs by name, with the authority that signs their certificate', () => {
    expect(parseProbeSettings({ shop: 'https://shop.lab/health', own: { url: 'https://10.0.0.5:8443/', ca: '/etc/lab/ca.pem' } })).toEqual({
      shop: { url: 'https://shop.lab/health', ca: null },
      own: { url: 'https://10.0.0.5:8443/', ca: '/etc/lab/ca.pem' },
    });
  });

  it('are no other schemes, and no lists', () => {
    for (const given of [['https://x'], { x: 'ftp://x' }, { x: '' }, { x: 3 }, { x: { url: 'https://x', cert: 'y' } }, { x: { url: 'https://x', ca: 3 } }])
      expect([given, typeof parseProbeSettings(given)]).toEqual([given, 'string']);
  });
});

it('what is wrong with them is told with their place in the file', () => {
  const problem = (context: object) => parseSettings({ contexts: { lab: context } }).problem;
  expect(problem({ slo: { x: 0 } })).toBe('contexts.lab.slo: x is not a number of seconds above 0');
  expect(problem({ latency: {} })).toBe('contexts.lab.latency: is not a list');
  expect(problem({ probes: { x: 'ftp://x' } })).toMatch(/^contexts\.lab\.probes: /);
});
