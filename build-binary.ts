// Makes one executable of the program and the Node it is developed with, for machines without Node: `npm run build:binary [linux-x64|linux-arm64 …]`.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import packageJson from './package.json' with { type: 'json' };

const root = import.meta.dirname;
const work = join(root, 'build', 'work');
const out = join(root, 'build');
const nodeVersion = packageJson.devDependencies.node;
/** Where Node looks whether a blob was injected: a constant of Node's. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const platforms = process.argv.length > 2 ? process.argv.slice(2) : ['linux-x64'];
const blob = await makeBlob();
for (const platform of platforms) makeExecutable(platform);

/** All that the program needs, for every platform the same: no code cache, no snapshot. */
async function makeBlob(): Promise<string> {
  const main = join(work, 'single-file.cjs');
  await build({ entryPoints: { 'single-file': 'src/cli/single-file.ts' }, outdir: work, outExtension: { '.js': '.cjs' }, platform: 'node', format: 'cjs' });
  writeFileSync(join(work, 'start.cjs'), "import('./gpuk8s-tui.js');\n");
  writeFileSync(
    join(work, 'LICENCES'),
    `${readFileSync(join(root, 'dist', 'LICENCES'), 'utf8')}\n${'='.repeat(80)}\nNode.js ${nodeVersion}\n\n${nodeLicence()}`,
  );
  const files: Record<string, string> = {};
  for (const file of [...filesBelow(join(root, 'dist')), ...filesBelow(join(root, 'assets'))]) {
    // Pictures are for the README alone.
    if (!relative(root, file).startsWith('assets/pictures/')) files[relative(root, file)] = file;
  }
  files['dist/start.cjs'] = join(work, 'start.cjs');
  files['dist/LICENCES'] = join(work, 'LICENCES');
  for (const file of ['package.json', 'LICENSE']) files[file] = join(root, file);
  const sum = createHash('sha256');
  for (const [key, file] of Object.entries(files).sort()) sum.update(`${key}\0`).update(readFileSync(file));
  const id = join(work, 'build');
  writeFileSync(id, `${packageJson.version}-${sum.digest('hex').slice(0, 16)}`);
  const config = join(work, 'sea.json');
  const output = join(work, 'program.blob');
  // What is in the environment for another Node must not change this one: it is a program, not a Node.
  const settings = { main, output, disableExperimentalSEAWarning: true, useCodeCache: false, execArgvExtension: 'none', assets: { ...files, build: id } };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(join(root, 'node_modules', '.bin', 'node'), ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  return output;
}

function makeExecutable(platform: string): void {
  const file = join(out, `gpuk8s-tui-${platform}`);
  cpSync(join(nodeOf(platform), 'bin', 'node'), file);
  // Symbols are a sixth of it, and serve debuggers alone. It has to be done before the blob is put in.
  const strip = spawnSync('strip', [file], { stdio: 'ignore' });
  const postject = join(dirname(createRequire(import.meta.url).resolve('postject')), 'cli.js');
  execFileSync(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], { stdio: 'ignore' });
  const bytes = readFileSync(file);
  const sum = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(`${file}.sha256`, `${sum}  gpuk8s-tui-${platform}\n`);
  const size = `${(bytes.length / 1e6).toFixed(0)} MB${strip.status === 0 ? '' : ' (with symbols: there is no strip for it here)'}`;
  process.stdout.write(`${relative(process.cwd(), file)}  ${size}  sha256 ${sum}\n`);
}

/** The registry's own package of Node for that platform. */
function nodeOf(platform: string): string {
  const folder = join(out, 'node', `${platform}-${nodeVersion}`);
  try {
    readFileSync(join(folder, 'package.json'));
  } catch {
    mkdirSync(folder, { recursive: true });
    const name = `node-${platform}@${nodeVersion}`;
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', work, name], { encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', join(work, packed), '--strip-components=1', '-C', folder]);
  }
  return folder;
}

function nodeLicence(): string {
  return readFileSync(join(nodeOf(platforms[0] ?? 'linux-x64'), 'LICENSE'), 'utf8');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}
