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
// Once started the young heap stays as it is: letting it grow to 32 MB and more, as V8 does by itself, saves no time that could be felt here and
// costs a third of the program's memory. While starting, growing saves 50 ms.
setTimeout(() => v8.setFlagsFromString('--semi-space-growth-factor=1'), 500).unref();
// Compiled code is kept in the user's own cache folder: a folder under /tmp could be another user's.
nodeModule.enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gpuk8s-tui'));
const { main } = await import('./main.js');
await main(process.argv.slice(2));
