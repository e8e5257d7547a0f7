import { Client, type ServerChannel } from 'ssh2';
import type { DemoSsh, DemoSshHost } from '../../../src/demo/machines/ssh/ssh-access.js';
import { type SshServer, startSshServer } from '../../hosts/ssh-server.js';
import { hostile, hostileTitle, megabyte } from './planted.js';
import { inOneLine } from './poisoned-json.js';

/** Stand-ins of the demo's machines: each hands what it is asked on to its machine and changes the answer. The last one wants a password, with hostile words. */
export async function poisonedMachines(ssh: DemoSsh): Promise<ReadonlyMap<string, SshServer>> {
  const servers = await Promise.all(
    ssh.hosts.map(async (host, place) => {
      const server = await startSshServer({
        banner: hostile('zq-banner'),
        exec: (command, channel) => handOn(ssh, host, command, channel),
        ...(place < ssh.hosts.length - 1 ? {} : { authenticate }),
      });
      return [host.name, server] as const;
    }),
  );
  return new Map(servers);
}

type Authenticate = NonNullable<NonNullable<Parameters<typeof startSshServer>[0]>['authenticate']>;

const authenticate: Authenticate = (context) => {
  if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
  context.prompt([{ prompt: `${hostile('zq-prompt')} Password: `, echo: false }], hostile('zq-name'), hostile('zq-instructions'), () => context.accept());
};

function handOn(ssh: DemoSsh, host: DemoSshHost, command: string, channel: ServerChannel): void {
  const client = new Client();
  const end = () => {
    client.end();
    channel.end();
  };
  client.on('error', end);
  channel.on('close', () => client.end());
  client.on('ready', () => {
    client.exec(command, (error, onward) => {
      if (error !== undefined) return end();
      const poison = poisonedLines(command);
      let open = '';
      onward.on('data', (chunk: Buffer) => {
        const lines = `${open}${chunk.toString()}`.split('\n');
        open = lines.pop() ?? '';
        for (const line of lines) channel.write(`${poison(line)}\n`);
      });
      onward.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
      onward.on('exit', (code: number | null) => channel.exit(code ?? 1));
      onward.on('close', () => {
        channel.write(open);
        end();
      });
      channel.pipe(onward);
    });
  });
  client.connect({ host: host.address, port: host.port, username: ssh.user, privateKey: ssh.privateKey });
}

/** Changes the lines of one command's output, one after the other. */
function poisonedLines(command: string): (line: string) => string {
  const words = inOneLine(hostile('zq-output'));
  if (/journalctl|dmesg/.test(command)) return (line) => (line.startsWith('-- ') ? line : `${line} ${inOneLine(hostile('zq-unit'))}`);
  if (/\bcat\b/.test(command)) return (line) => `${line} ${hostileTitle('zq-file')}`;
  if (!/\bsh\b/.test(command)) return (line) => line;
  let section = '';
  let isAnswer = false;
  return (line) => {
    const [, step] = /^##gpuk8s (checked \d+ \d+ \w+ )/.exec(line) ?? [];
    if (step !== undefined) return `##gpuk8s ${step}${poisonedWord(line.slice(`##gpuk8s ${step}`.length))}`;
    if (line.startsWith('##gpuk8s')) return line;
    const [, verb, name = ''] = /^@@\w+ (start|begin)(?: (\S+))?/.exec(line) ?? [];
    isAnswer ||= verb === 'start';
    if (verb === 'begin') section = name;
    if (!isAnswer) return `${words}${line}`;
    if (!line.startsWith('|')) return / missing | err /.test(line) ? `${line} ${words}` : line;
    return poisonedFact(section, line);
  };
}

/** What a machine says of itself, as its administrator, a package or a process could have named things. */
function poisonedFact(section: string, line: string): string {
  // What ends a line within a line would make most of it unreadable: that is tried with logs.
  const words = hostileTitle;
  if (section === 'nvidia-smi')
    return line.replace(
      /<(product_name|process_name|serial|vbios_version)>/,
      (_tag, name) => `<${name}>${words(`zq-${name.split('_')[0]}`).replaceAll('&', '')}`,
    );
  if (section === 'system')
    return line.replace(/^\|PRETTY_NAME="?/, (start) => `${start}${words('zq-pretty')}`).replace(/^\|kernel .*/, (all) => `${all}${words('zq-kernel')}`);
  if (['failed-units', 'runtime-binaries', 'apt-history', 'xids', 'certificates', 'kubeconfigs', 'mounts', 'usage'].includes(section))
    return `${line}${words(`zq-${section}`)}`;
  if (section === 'filesystems' && line.includes('% /')) return `${line}${words('zq-mounted')}`;
  return section === 'swap-setup' && line.startsWith('|fstab') ? `${line} ${inOneLine(megabyte('zq-fstab'))}` : line;
}

function poisonedWord(encoded: string): string {
  return Buffer.from(`${Buffer.from(encoded, 'base64').toString()}\n${hostile('zq-step')}`).toString('base64');
}
