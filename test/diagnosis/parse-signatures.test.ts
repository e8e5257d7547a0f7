import { expect, test } from 'vitest';
import { matchLine } from '../../src/diagnosis/match.js';
import { parseSignatures } from '../../src/diagnosis/parse-signatures.js';
import { requiredTexts } from '../../src/diagnosis/required-text.js';

const entry = {
  id: 'disk-on-fire',
  pattern: 'disk \\w{1,20} is on fire',
  where: ['kernel-log'],
  title: 'A disk burns',
  cause: 'It got hot.',
  fix: { summary: 'Put it out', command: 'ssh {host} sudo sync', operation: { id: 'restart-unit', input: { host: '{host}', unit: 'water.service' } } },
  step: null,
  severity: 'critical',
  source: 'the fire brigade',
};

const parsing = (change: object) => () => parseSignatures('signatures/fire.json', [{ ...entry, ...change }]);

test('a signature is read with all that it says', () => {
  const [signature] = parseSignatures('signatures/fire.json', [entry]);
  expect(signature).toMatchObject({ id: 'disk-on-fire', needs: [' is on fire'], explains: [], fix: { operation: { id: 'restart-unit' } } });
  expect(signature?.where).toEqual(new Set(['kernel-log']));
});

test.each([
  ['no list', () => parseSignatures('signatures/fire.json', { entries: [] }), 'signatures/fire.json: it should hold a list of signatures'],
  ['no object', () => parseSignatures('signatures/fire.json', ['fire']), 'signatures/fire.json: entry 1 should be an object'],
  ['a strange id', parsing({ id: 'Disk on fire' }), 'signatures/fire.json: entry 1: "id" should be words in lower case with hyphens between them'],
  ['no title', parsing({ title: ' ' }), 'signatures/fire.json: entry 1 (disk-on-fire): "title" should be a text'],
  ['a place that there is not', parsing({ where: ['attic'] }), /entry 1 \(disk-on-fire\): "where" should only have pod-log, event, /],
  ['a pattern and no place', parsing({ where: [] }), /"where" should name a place where there is a pattern/],
  ['a severity that there is not', parsing({ severity: 'hot' }), /"severity" should be one of critical, warning, info/],
  ['a broken expression', parsing({ pattern: 'disk (is on fire' }), /"pattern" is not a regular expression: /],
  ['an endless repetition', parsing({ pattern: 'disk .* is on fire' }), /"pattern" has a repetition without an end/],
  ['a repeated group', parsing({ pattern: 'disk (?:very ){1,9}hot' }), /"pattern" has a repeated group/],
  ['flags that mean nothing here', parsing({ flags: 'g' }), /"flags" can only be "i"/],
  ['a variable that nothing fills', parsing({ fix: { summary: 'Put it out', command: 'ssh {machine}' } }), /"fix": there is no variable \{machine\}/],
  ['an input that is no text', parsing({ fix: { summary: 'x', operation: { id: 'y', input: { host: 1 } } } }), /"input.host" should be a text/],
])('a file with %s is refused in one sentence', (_, parse, sentence) => {
  expect(parse).toThrow(sentence);
});

test('the same id twice is refused', () => {
  expect(() => parseSignatures('signatures/fire.json', [entry, entry])).toThrow('entry 2 (disk-on-fire)');
});

test('a pattern may ignore case, and is found in any', () => {
  const signatures = parseSignatures('signatures/fire.json', [{ ...entry, flags: 'i' }]);
  expect(matchLine(signatures, 'DISK sda IS ON FIRE', 'kernel-log')).toHaveLength(1);
  expect(matchLine(signatures, 'disk sda is fine', 'kernel-log')).toEqual([]);
});

test('what no line says is kept and never looked for', () => {
  const signatures = parseSignatures('signatures/fire.json', [{ ...entry, pattern: null, where: [] }]);
  expect(matchLine(signatures, 'disk sda is on fire', 'kernel-log')).toEqual([]);
});

test.each([
  ['No devices found\\. Waiting', ['No devices found. Waiting']],
  ['first thing|second thing', ['first thing', 'second thing']],
  ['\\d{1,3} of [a-z|]{1,9} failed', [' failed']],
  ['colou?r faded', ['r faded']],
  ['goo+gle is down', ['gle is down']],
  ['(?:long words here|b) tail', [' tail']],
  ['ab|long enough', null],
  ['\\w{1,9}', null],
])('of /%s/ every match has %j', (source, texts) => {
  expect(requiredTexts(source)).toEqual(texts);
});
