#!/usr/bin/env node
// Runs on any Node that knows ES modules, to say in words what is missing; the program itself needs more than old ones have.
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import v8 from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `gpuk8s-tui needs Node 22.19 or newer, this is ${process.version} (${process.execPath}): install a newer one, e.g. npm install --global node\n`,
  );
  process.exit(2);
}
// By itself V8 lets the young heap grow to 32 MB and more, and keeps what the clusters' lists took while they were read: together twice what lives in it. So the young heap
// stays as it is soon after the start, and once the first picture is whole V8 collects for some seconds as on a small machine. For good that would take half as much
// processor time again, and before it a fourth of the time to the picture.
const heapPlan = [
  [500, '--semi-space-growth-factor=1'],
  [2_000, '--optimize-for-size'],
  [10_000, '--no-optimize-for-size'],
  // From then on the old heap is collected when it is half as large again as what lives in it.
  [10_000, '--heap-growing-percent=50'],
  [10_000, '--semi-space-growth-factor=2'],
  [15_000, '--semi-space-growth-factor=1'],
] as const;
for (const [ms, flag] of heapPlan) setTimeout(() => v8.setFlagsFromString(flag), ms).unref();
// Compiled code is kept in the user's own cache folder: a folder under /tmp could be another user's.
nodeModule.enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gpuk8s-tui'));
const { main } = await import('./main.js');
await main(process.argv.slice(2));
