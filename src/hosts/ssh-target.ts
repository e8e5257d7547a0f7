import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { HostSettings } from './host-settings.js';
import type { SshConfig } from './ssh-config.js';
import { type SshOptions, sshOptions } from './ssh-config-lookup.js';

/** Where and how to log in to one machine; everything of the settings and ssh_config already worked out. */
export interface SshTarget {
  readonly name: string;
  /** Host name or IP address to connect to. */
  readonly address: string;
  readonly user: string;
  readonly port: number;
  /** Private key files in the order in which they are tried. */
  readonly identityFiles: readonly string[];
  /** Whether someone named those files; else they are the usual ones, of which some may be missing. */
  readonly identityFilesChosen: boolean;
  /** Offer no keys of the agent but those whose files are named. */
  readonly identitiesOnly: boolean;
  /** Socket of the agent: a path; null for the one in SSH_AUTH_SOCK, `none` for no agent. */
  readonly identityAgent: string | null;
  /** The machine to log in to first, null for a direct connection. */
  readonly jump: SshTarget | null;
  /** Accepted keys are added to the first one. */
  readonly knownHostsFiles: readonly string[];
  /** The name that stands in known_hosts instead of the address. */
  readonly hostKeyAlias: string | null;
  readonly hashKnownHosts: boolean;
  /** StrictHostKeyChecking yes: unknown host keys are refused without asking. */
  readonly strictHostKeys: boolean;
  /** For the TCP connection, and again for the SSH handshake. */
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  /** Whether commands that need root go through sudo. */
  readonly sudo: boolean;
}

/**
 * Works out how to reach a machine: the settings first (those of the machine, then those of the context), then ssh_config under its name and its address,
 * then OpenSSH's defaults. A HostName of ssh_config counts more than `address`, which is what the cluster knows.
 */
export function sshTarget(name: string, address: string, settings: HostSettings, config: SshConfig): SshTarget {
  const own = settings.each?.[name] ?? {};
  const { each: _each, enabled: _enabled, ...general } = settings;
  const { address: ownAddress, ...special } = own;
  return build({ name, address: ownAddress ?? address, addressGiven: ownAddress !== undefined, settings: { ...general, ...special } }, config, []);
}

interface Wanted {
  readonly name: string;
  readonly address: string;
  /** The address was written down for this machine, so ssh_config has no say in it. */
  readonly addressGiven: boolean;
  readonly settings: Omit<HostSettings, 'each' | 'enabled'>;
  /** The machine to go through as a chain on the command line of ssh has it: instead of what settings and ssh_config say. */
  readonly through?: readonly string[];
}

const usualTimeoutMs = 10_000;
const usualKeepaliveMs = 10_000;

function build(wanted: Wanted, config: SshConfig, visited: readonly string[]): SshTarget {
  const { name, settings } = wanted;
  const options = sshOptions(config, [...new Set([name, wanted.address])]);
  const hostName = options.first('hostname');
  const localUser = userInfo().username;
  const address = hostName === null || wanted.addressGiven ? wanted.address : expand(hostName, { h: name });
  const user = settings.user ?? options.first('user') ?? localUser;
  const port = settings.port ?? Number(options.first('port') ?? 22);
  const tokens: Tokens = { h: address, n: name, p: String(port), r: user, u: localUser, d: config.homeDir, i: String(userInfo().uid) };
  const file = (value: string) => filePath(value, tokens, config.homeDir);
  const chosen = [...(settings.key === undefined ? [] : [settings.key]), ...options.all('identityfile').filter((value) => value !== 'none')].map(file);
  const agent = options.first('identityagent');
  const seconds = (keyword: string) => Number(options.first(keyword) ?? 0) * 1000;
  return {
    name,
    address,
    user,
    port,
    identityFiles: chosen.length > 0 ? [...new Set(chosen)] : usualKeys.map((key) => join(config.homeDir, '.ssh', key)),
    identityFilesChosen: chosen.length > 0,
    identitiesOnly: isYes(options.first('identitiesonly')),
    identityAgent: agent === null || agent === 'SSH_AUTH_SOCK' || agent.startsWith('$') ? null : agent === 'none' ? 'none' : file(agent),
    jump: jumpOf(wanted, options, { config, tokens, visited: [...visited, `${user}@${address}:${port}`] }),
    knownHostsFiles: knownHostsFiles(options, config).map(file),
    hostKeyAlias: options.first('hostkeyalias'),
    hashKnownHosts: isYes(options.first('hashknownhosts')),
    strictHostKeys: isYes(options.first('stricthostkeychecking')),
    connectTimeoutMs: seconds('connecttimeout') || usualTimeoutMs,
    keepaliveMs: seconds('serveraliveinterval') || usualKeepaliveMs,
    sudo: settings.sudo ?? user !== 'root',
  };
}

const usualKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519', 'id_dsa'];

function knownHostsFiles(options: SshOptions, { homeDir }: SshConfig): readonly string[] {
  const or = (words: readonly string[], usual: readonly string[]) => (words.length === 0 ? usual : words.filter((word) => word !== 'none'));
  const ssh = join(homeDir, '.ssh');
  return [
    ...or(options.words('userknownhostsfile'), [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2')]),
    ...or(options.words('globalknownhostsfile'), ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
  ];
}

function isYes(value: string | null): boolean {
  return value === 'yes' || value === 'true';
}

interface JumpContext {
  readonly config: SshConfig;
  readonly tokens: Tokens;
  readonly visited: readonly string[];
}

/** `[user@]host[:port]` or an ssh:// URL, several with commas: the first one is reached directly, each further one through the one before. */
function jumpOf(wanted: Wanted, options: SshOptions, { config, tokens, visited }: JumpContext): SshTarget | null {
  const written = wanted.settings.jump ?? options.first('proxyjump') ?? 'none';
  const chain = wanted.through ?? (written === 'none' ? [] : expand(written, tokens).split(','));
  const last = chain.at(-1)?.trim() ?? '';
  if (last === '') return null;
  const [, user, bracketed, plain, port] = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:/]+|[^/]*:[^/]*:[^/]*?))(?::(\d+))?\/?$/.exec(last) ?? [];
  const name = bracketed ?? plain ?? last;
  const before = chain.slice(0, -1);
  const hop: Wanted = {
    name,
    address: name,
    addressGiven: false,
    settings: {
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: Number(port) }),
      // Who names both jump host and key in the settings, and nothing in ssh_config, means the key for both.
      ...(wanted.settings.jump === undefined || wanted.settings.key === undefined ? {} : { key: wanted.settings.key }),
    },
    // Without a chain before it, the jump host is reached as its own ssh_config says.
    ...(before.length > 0 ? { through: before } : {}),
  };
  if (visited.length > deepestJump) return null;
  const target = build(hop, config, visited);
  // A `Host *` with a ProxyJump names the jump host too; it is not reached through itself.
  return visited.includes(`${target.user}@${target.address}:${target.port}`) ? null : target;
}

const deepestJump = 8;

type Tokens = Readonly<Record<string, string>>;

/** %h and its like; unknown ones stay as they are. */
function expand(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)));
}

function filePath(value: string, tokens: Tokens, homeDir: string): string {
  const expanded = expand(value, tokens).replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole);
  return expanded === '~' || expanded.startsWith('~/') ? join(homeDir, expanded.slice(1)) : resolve(join(homeDir, '.ssh'), expanded);
}
