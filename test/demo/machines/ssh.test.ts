import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type ConnectConfig } from 'ssh2';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type DemoCluster, type DemoOptions, startDemoCluster } from '../../../src/demo/cluster.js';
import { makeSshKeyPair } from '../../../src/demo/machines/ssh/openssh-key.js';
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

/** Until something holds, for things that another process or a timer does. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.skipIf(!hasSsh)('the stock ssh client on the demo’s machines', () => {
  it('logs in with the files that the demo writes, which are for their owner alone', async () => {
    const { config, ssh } = await start({ scenario: 'healthy' });
    for (const file of [config, `${config}.key`, `${config}.known_hosts`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await ssh('gpu-1', 'hostname')).toEqual({ stdout: 'gpu-1\n', stderr: '', code: 0 });
    expect((await ssh('controlplane', 'uname', '-r')).stdout).toBe('6.8.0-94-generic\n');
    expect((await ssh('gpu-2', 'nvidia-smi', '-L')).stdout.split('\n')).toHaveLength(9);
    expect(await ssh('gpu-1', 'no-such-thing')).toMatchObject({ stderr: expect.stringContaining('command not found'), code: 127 });
    // From one machine to the next, as through a bastion.
    expect(await ssh('-o', `ProxyCommand=ssh -F '${config}' -W %h:%p controlplane`, 'gpu-2', 'hostname')).toMatchObject({ stdout: 'gpu-2\n', code: 0 });
  });

  it('is let in with the demo’s own key alone, and only as its user', async () => {
    const { config, ssh } = await start({ scenario: 'healthy' });
    expect(await ssh('-l', 'root', 'gpu-1', 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied (publickey)') });
    writeFileSync(`${config}.key`, makeSshKeyPair('somebody else').privateKey);
    expect(await ssh('gpu-1', 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('Permission denied (publickey)') });
  });

  it('sees a changed host key where the demo was started anew on known ports', async () => {
    const { cluster, config, ssh } = await start({ scenario: 'healthy' });
    const other = makeSshKeyPair('other').publicKey;
    writeFileSync(`${config}.known_hosts`, cluster.ssh.knownHosts.replace(/^(\S+) .*/, `$1 ${other}`));
    expect(await ssh('controlplane', 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('REMOTE HOST IDENTIFICATION HAS CHANGED') });
    expect((await ssh('gpu-1', 'true')).code).toBe(0);
  });

  it('gets a prompt where it asks for a terminal', async () => {
    const { config } = await start({ scenario: 'healthy' });
    const child = execFile('ssh', ['-F', config, '-tt', 'gpu-1']);
    let said = '';
    child.stdout?.on('data', (part: string) => {
      said += part.replaceAll('\r', '');
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await until(async () => said.endsWith('ops@gpu-1:~$ '));
    child.stdin?.write('hostnamx\x7fe\n');
    await until(async () => said.endsWith('hostnamx\b \be\ngpu-1\nops@gpu-1:~$ '));
    child.stdin?.write('exit\n');
    expect(await exited).toBe(0);
  });

  it('is refused while a machine is down and let in before its kubelet is back', async () => {
    const { ssh } = await start({ scenario: 'rebooting', speed: 2 });
    expect(await ssh('gpu-2', 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('Connection refused') });
    await until(async () => (await ssh('gpu-2', 'systemctl', 'is-active', 'kubelet')).stdout === 'activating\n');
    await until(async () => (await ssh('gpu-2', 'systemctl', 'is-active', 'kubelet')).stdout === 'active\n');
  });

  it('answers while the API server does not', async () => {
    const { ssh } = await start({ scenario: 'api-down' });
    expect((await ssh('controlplane', 'systemctl', 'is-active', 'kubelet', 'containerd')).stdout).toBe('active\nactive\n');
  });
});

describe('SSH to many machines', () => {
  it('45 of 50 answer side by side while five take the connection and never say a word', async () => {
    const { cluster } = await start({ scenario: 'healthy', nodes: 50, hungHosts: 5 });
    const { hosts, user, privateKey } = cluster.ssh;
    expect(hosts).toHaveLength(50);
    expect(
      new Set(
        cluster.ssh.knownHosts
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[2]),
      ).size,
    ).toBe(50);
    const began = performance.now();
    const answers = await Promise.all(
      hosts.map(({ address, port }) => login({ host: address, port, username: user, privateKey, readyTimeout: 2_500 }, 'hostname').catch(() => null)),
    );
    expect(answers.slice(0, 45)).toEqual(hosts.slice(0, 45).map(({ name }) => `${name}\n`));
    expect(answers.slice(45)).toEqual([null, null, null, null, null]);
    expect(performance.now() - began).toBeGreaterThan(2_400);
  });
});

function login(config: ConnectConfig, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.exec(command, (error, channel) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        let said = '';
        channel.on('data', (part: Buffer) => {
          said += part.toString();
        });
        channel.on('close', () => {
          client.end();
          resolve(said);
        });
      });
    });
    client.connect(config);
  });
}
