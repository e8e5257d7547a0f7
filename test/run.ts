// Bundles a TypeScript program of this folder and runs it: `node test/run.ts fuzz/main.ts --seconds 60`. What it starts in workers is bundled beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const [entry = '', ...args] = process.argv.slice(2);
const file = join(import.meta.dirname, entry);
const worker = join(dirname(file), 'worker.ts');
const outdir = join(import.meta.dirname, '..', 'build', `run-${basename(dirname(file))}-${process.pid}`);
await build({
  entryPoints: [file, ...(existsSync(worker) ? [worker] : [])],
  outdir,
  bundle: true,
  packages: 'external',
  // Its package names only its CommonJS form, whose names Node cannot see from here.
  alias: { '@xterm/headless': join(import.meta.dirname, '..', 'node_modules', '@xterm', 'headless', 'lib-headless', 'xterm-headless.mjs') },
  platform: 'node',
  format: 'esm',
  target: 'node22',
  sourcemap: 'inline',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});
const program = join(outdir, basename(entry).replace(/\.ts$/, '.mjs'));
const { status, signal } = spawnSync(process.execPath, ['--enable-source-maps', '--expose-gc', program, ...args], { stdio: 'inherit' });
rmSync(outdir, { recursive: true, force: true });
process.exitCode = signal === null ? (status ?? 1) : 1;
