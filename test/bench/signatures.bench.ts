import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchLine } from '../../src/diagnosis/match.js';
import { places } from '../../src/diagnosis/signature.js';
import { readSignatures } from '../../src/signature-files.js';
import { mixedLogs } from './mixed-logs.js';

const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-bench-'));
const file = join(folder, 'mixed.log');
const everywhere = readSignatures().map((signature) => ({ ...signature, where: new Set(places) }));

beforeAll(() => pipeline(mixedLogs(100), createWriteStream(file)));
afterAll(() => rmSync(folder, { recursive: true }));

test('every signature is looked for in every line of 100 MB of mixed logs within 10 s', async () => {
  const started = performance.now();
  let lines = 0;
  let matches = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    lines += 1;
    matches += matchLine(everywhere, line, 'pod-log').length;
  }
  const seconds = (performance.now() - started) / 1000;
  const megabytes = statSync(file).size / 1e6;
  process.stdout.write(`${lines} lines, ${matches} matches, ${seconds.toFixed(2)} s, ${(megabytes / seconds).toFixed(0)} MB/s\n`);
  expect(matches).toBeGreaterThan(1000);
  expect(seconds).toBeLessThan(10);
}, 120_000);
