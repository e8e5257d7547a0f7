import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import { clean } from '../../src/text/clean.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aHost, hostsOf, known, someFacts } from '../builders/host.js';
import { aLab, aTarget } from '../builders/lab.js';
import { aHistory, aService } from '../builders/latency.js';
import { aGpu, aLostGpu, aMachine, aProcess, machines } from '../builders/machine-gpus.js';
import { aCondition, aNode, aPod, collection, now } from '../builders/snapshot.js';

const hostile = {
  'escape sequences': '\x1b[2J\x1b[31mred\x1b]0;title\x07\x9b5A end',
  'bidirectional overrides': 'abc\u202edesrever\u202c \u2066isolated\u2069',
  '10,000 characters': 'x'.repeat(10_000),
  'wide characters': '漢字かな交じり文と한글과 '.repeat(30),
  emoji: '👩‍👩‍👧‍👦🇩🇪👍🏽☎️ '.repeat(40),
  'combining marks': `z${'\u0301'.repeat(300)}algo`,
  'line breaks and tabs': 'one\r\ntwo\tthree\u2028four',
  'lone surrogates': 'a\ud800b\udc00c',
};

// As the feeds do it: foreign text is cleaned once, where it enters.
function cluster(text: string) {
  const foreign = clean(text);
  return aLab({
    nodes: collection(
      aNode({
        name: foreign,
        gpus: 8,
        readyReason: foreign,
        ready: 'False',
        labels: new Map([[foreign, foreign]]),
        annotations: new Map([[foreign, foreign]]),
        taints: [{ key: foreign, value: foreign, effect: foreign }],
        conditions: [aCondition('Ready', 'False', foreign, foreign), aCondition(foreign, 'True', foreign, foreign)],
        images: [{ name: foreign, sizeBytes: 1 }],
        addresses: [{ type: foreign, address: foreign }],
        roles: [foreign],
      }),
    ),
    pods: collection(aPod({ namespace: foreign, name: foreign, nodeName: foreign })),
    targets: live([aTarget({ job: foreign, instance: foreign, lastError: foreign, health: 'down', labels: new Map([[foreign, foreign]]) })], now),
    machineGpus: machines(
      aMachine(foreign, [
        aGpu({ name: foreign, serial: foreign, throttleReasons: [foreign], processes: [aProcess({ name: foreign, pod: `${foreign}/${foreign}` })] }),
        { ...aLostGpu(1), lost: foreign, unavailable: { temperatureC: foreign } },
      ]),
    ),
    hosts: hostsOf(
      aHost({
        name: foreign,
        road: foreign,
        contact: { status: 'lost', since: now, why: foreign, fix: foreign, nextTryAt: now },
        facts: someFacts({
          failedUnits: known([foreign]),
          services: known([{ name: foreign, enabled: foreign, active: foreign }]),
          certificates: known([{ path: foreign, endsAt: now }]),
          kernel: { known: false, why: foreign },
          xids: known([{ at: now, code: 79, pciBusId: null, pid: 1, line: foreign, meaning: foreign, action: foreign }]),
        }),
      }),
    ),
    alerts: live(
      {
        alerts: [{ name: foreign, state: 'firing', severity: foreign, labels: new Map([[foreign, foreign]]), summary: foreign, activeAt: now, value: 1 }],
        brokenRules: [{ group: foreign, name: foreign, error: foreign }],
        rules: 2,
        notes: [foreign],
      },
      now,
    ),
    probes: live(
      [
        {
          name: foreign,
          url: foreign,
          status: 'failing',
          httpStatus: 500,
          why: foreign,
          roundTripMs: 3,
          history: [1, null, 3],
          certificateEndsAt: now,
          at: now,
        },
      ],
      now,
    ),
    latency: live(
      {
        services: [aService(foreign, { namespace: foreign }), aService(`${foreign}-2`, { why: foreign, stack: foreign })],
        sources: [foreign],
        notes: [foreign],
      },
      now,
    ),
    connection: { status: 'lost', context: foreign, server: foreign, since: now, kind: 'unreachable', why: foreign, fix: foreign, nextTryAt: now },
  });
}

describe.each(Object.entries(hostile))('%s in names, labels and messages', (_, text) => {
  it.each([
    [80, 24],
    [120, 40],
  ])('never break the frame at %d×%d', async (columns, rows) => {
    const app = anApp(
      aSession(cluster(text), {
        history: async (service, rangeMs) =>
          aHistory(rangeMs, {
            service,
            notes: [clean(text)],
            rollouts: [
              { at: now - 600_000, text: clean(text) },
              { at: now - 500_000, text: clean(text) },
            ],
          }),
        contexts: [clean(text)],
        yaml: async () => `${text}: ${text}`,
        nvidiaSmi: () => [clean(text)],
      }),
      {
        columns,
        rows,
      },
    );
    for (const keys of [
      '2',
      '\r',
      'G',
      '\x1b',
      'y',
      '\x1b',
      '3',
      '\r',
      'G',
      '\x1b',
      'v',
      '>',
      '\x1b',
      '\t',
      '\r',
      '\x1b',
      '4',
      '\r',
      '\x1b',
      '\t',
      '\r',
      '\x1b',
      '\t',
      '\r',
      '\x1b',
      '5',
      '\r',
      'h',
      '\x1b',
      '1',
      '4',
      `/${clean(text).slice(0, 40)}`,
      '\x1b',
      ':ctx ',
      '\r',
    ]) {
      app.type(keys);
      await app.until((screen) => screen.split('\n').at(1)?.includes('Over') === true && screen.split('\n').at(-1)?.trim() !== '');
      expect(app.scrolledOff()).toBe(0);
      expect(app.wrapped()).toBe(0);
    }
    await app.close();
  });
});
