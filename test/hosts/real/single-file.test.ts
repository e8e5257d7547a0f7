import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProgram } from '../../e2e/program.js';
import { baseTree, ownWorkFolder } from './base-tree.js';

const root = join(import.meta.dirname, '..', '..', '..');
const missing = ['debootstrap', 'unshare', 'chroot', 'mount', 'flock'].filter((name) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status !== 0);
const cannot = process.platform !== 'linux' || arch() !== 'x64' || process.getuid?.() !== 0 || missing.length > 0;

// What a server without Node has: a Debian tree with neither Node nor anything of ours in it.
describe.skipIf(cannot)('the single executable, copied to a server without Node', () => {
  let folder = '';
  let tree = '';
  beforeAll(async () => {
    tree = await baseTree();
    folder = mkdtempSync(join(ownWorkFolder(), 'single-file-'));
    execFileSync(process.execPath, [join(root, 'build-binary.ts')], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    mkdirSync(join(folder, 'upper'));
    for (const name of ['work', 'merged']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'upper', 'opt'));
    copyFileSync(join(root, 'build', 'gpuk8s-tui-linux-x64'), join(folder, 'upper', 'opt', 'gpuk8s-tui'));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** In a mount namespace of its own, so that nothing stays mounted. */
  const inside = (...command: readonly string[]) => [
    '--mount',
    'sh',
    '-c',
    'mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged" && mount -t proc proc "$2/merged/proc" && cd "$2/merged" && shift 2 && exec chroot . "$@"',
    'sh',
    tree,
    folder,
    ...command,
  ];
  const run = (...command: readonly string[]) =>
    spawnSync('unshare', inside(...command), { encoding: 'utf8', env: { PATH: '/usr/bin:/bin:/sbin', HOME: '/root', LANG: 'C.UTF-8' } });

  it('has no Node around it, and says its version', () => {
    expect(run('sh', '-c', 'command -v node').status).not.toBe(0);
    const { stdout, status } = run('/opt/gpuk8s-tui', '--version');
    const described: { version?: unknown } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect({ status, said: stdout.trim() }).toEqual({ status: 0, said: described.version });
  });

  it('checks the demo cluster, machines over SSH and all, and says that it is good', () => {
    const { stdout, status } = run('/opt/gpuk8s-tui', 'check', '--demo');
    expect(stdout).toContain('good: everything came back');
    expect(status).toBe(0);
  }, 120_000);

  it('shows its screens in a terminal', async () => {
    const program = startProgram(inside('/opt/gpuk8s-tui', '--demo'), { command: 'unshare', env: { PATH: '/usr/bin:/bin:/sbin' } });
    await program.waitFor(/Everything came back/, 60_000);
    program.type('3');
    await program.waitFor(/nvidia-smi over ssh|GPU/i, 30_000);
    program.type('q');
    await program.close();
  }, 120_000);

  it('leaves its files where only its user can write', () => {
    const { stdout } = run('sh', '-c', 'stat -c "%a %U" /root/.cache/gpuk8s-tui/program-*');
    expect(stdout.trim()).toBe('700 root');
    expect(run('sh', '-c', 'cat /root/.cache/gpuk8s-tui/program-*/dist/LICENCES').stdout).toMatch(/MIT[\s\S]*Node\.js/);
  });

  it('runs once more where its folder can be written by others, from a folder of its own', () => {
    expect(run('sh', '-c', 'chmod 777 /root/.cache/gpuk8s-tui/program-*').status).toBe(0);
    const { stdout, status } = run('sh', '-c', '/opt/gpuk8s-tui --version && ls -d /tmp/gpuk8s-tui-?????? || true');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/m);
  });
});
