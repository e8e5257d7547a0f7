import { describe, expect, test } from 'vitest';
import { matchLine } from '../../src/diagnosis/match.js';
import { operations } from '../../src/operations/registry.js';
import { readSignatures } from '../../src/signature-files.js';
import { knownLines } from './known-lines.js';

const signatures = readSignatures();
const idsIn = (line: string, where: Parameters<typeof matchLine>[2]) => matchLine(signatures, line, where).map(({ signature }) => signature.id);

describe('a line as the software prints it', () => {
  test.each(knownLines)('is known as $signature: $line', ({ signature, where, line, also = [] }) => {
    expect(new Set(idsIn(line, where))).toEqual(new Set([signature, ...also]));
  });
  test.each(knownLines)('is not taken for $signature when it says something else: $nearMiss', ({ signature, where, nearMiss }) => {
    expect(idsIn(nearMiss, where)).not.toContain(signature);
  });
});

test('every signature that is looked for has a line that it is known by', () => {
  const described = new Set(knownLines.map(({ signature }) => signature));
  const missing = signatures.filter(({ id, pattern }) => pattern !== null && !described.has(id));
  expect(missing.map(({ id }) => id)).toEqual([]);
});

test('every id is used once', () => {
  expect(new Set(signatures.map(({ id }) => id)).size).toBe(signatures.length);
});

test('every pattern has a text that is looked for before it is tried', () => {
  expect(signatures.filter(({ pattern, needs }) => pattern !== null && needs === null).map(({ id }) => id)).toEqual([]);
});

test('every operation that mends something is one that there is', () => {
  const known = new Set(operations.map(({ id }) => id));
  const named = signatures.flatMap(({ fix }) => fix.operation?.id ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !known.has(id))).toEqual([]);
});

test('a line means nothing where nobody would print it', () => {
  expect(idsIn('No devices found. Waiting indefinitely.', 'kernel-log')).toEqual([]);
});

test('every pattern is done with a long line in a moment', () => {
  for (const { id, pattern, needs } of signatures) {
    if (pattern === null) continue;
    for (const line of hostileLines(needs ?? [])) {
      expect(
        fastest(() => pattern.exec(line), 100),
        `${id} on ${line.slice(0, 40)}…`,
      ).toBeLessThan(100);
    }
  }
});

test('all of them together are done with a long line in a moment', () => {
  const needs = signatures.flatMap((signature) => signature.needs ?? []);
  for (const line of hostileLines(needs.slice(0, 10))) {
    expect(
      fastest(() => matchLine(signatures, line, 'pod-log'), 200),
      `${line.slice(0, 40)}…`,
    ).toBeLessThan(200);
  }
});

/** The best of up to ten tries, in ms: a computer that does something else meanwhile slows some of them, a pattern that backtracks without end all. */
function fastest(run: () => unknown, enough: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 10 && best >= enough; tries += 1) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

/** 100 kB each, made of what makes a backtracking expression start over: its own beginnings again and again, long runs of one kind of character. */
function hostileLines(needs: readonly string[]): readonly string[] {
  const long = (text: string) => text.repeat(Math.ceil(100_000 / text.length)).slice(0, 100_000);
  return [
    ...needs.flatMap((need) => [long(need), long(`${need} `), `${need}${long('a')}`, `${long('\\')}${need}`, long(need.slice(0, -1))]),
    long('a'),
    long(' '),
    long('\\'),
    long('"'),
    long('0'),
    long('NVRM: Xid (PCI:0000:41:00): 7'),
    long('NVRM: '),
    long('nouveau '),
    long('unresolvable CDI devices '),
    long('open /.kube/config'),
    long('node "'),
  ];
}
