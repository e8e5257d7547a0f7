import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DemoCluster, type DemoOptions, startDemoCluster } from '../../../src/demo/cluster.js';
import { writeSshFiles } from '../../../src/demo/machines/ssh/ssh-access.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'demo-machines-'));
const running: DemoCluster[] = [];

afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | string | null;
}

async function start(options: DemoOptions): Promise<{ cluster: DemoCluster; config: string; ssh: (...args: string[]) => Promise<Answer> }> {
  const cluster = await startDemoCluster(options);
  running.push(cluster);
  const config = join(folder, `${options.scenario} ${running.length}`, 'ssh_config');
  writeSshFiles(config, cluster.ssh);
  const ssh = async (...args: string[]): Promise<Answer> => {
    const child = run('ssh', ['-F', config, '-o', 'BatchMode=yes', ...args], { timeout: 20_000 });
    child.child.stdin?.end();
    return child.then(
      ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
      (error: Answer) => ({ stdout: error.stdout, stderr: error.stderr, code: error.code }),
    );
  };
  return { cluster, config, ssh };
}

const hasSsh = (() => {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasSsh)('the stock ssh client on the demo’s machines', () => {
  it('logs in with the files that the demo writes, which are for their owner alone', async () => {
    const { config, ssh } = await start({ scenario: 'healthy' });
    for (const file of [config, `${config}.key`, `${config}.known_hosts`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await ssh('gpu-1', 'hostname')).toEqual({ stdout: 'gpu-1\n', stderr: '', code: 0 });
    expect((await ssh('controlplane', 'uname', '-r')).stdout).toBe('6.8.0-94-generic\n');
  });
});
