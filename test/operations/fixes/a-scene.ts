import { Readable } from 'node:stream';
import type { Host, HostCommand, HostResult } from '../../../src/hosts/host.js';
import { commandLine } from '../../../src/hosts/shell-quote.js';
import type { KubeRequest } from '../../../src/kube/client.js';
import { KubeError } from '../../../src/kube/kube-error.js';
import type { Operation, PlannedOperation, World } from '../../../src/operations/operation.js';
import { runPlanned } from '../../../src/operations/run.js';
import type { HostFacts } from '../../../src/state/hosts.js';
import type { Verification } from '../../../src/state/operations.js';
import type { ClusterSnapshot } from '../../../src/state/snapshot.js';
import { aHost, hostsOf, someFacts } from '../../builders/host.js';
import { aSnapshot } from '../../builders/snapshot.js';
import { aWorld, ended, ok } from '../a-world.js';

export interface Scene extends World {
  /** `METHOD path body` of each request that was no GET. */
  readonly requests: readonly string[];
  /** Command lines as they were sent to the machine, in order; `sudo` in front of those for root. */
  readonly commands: readonly string[];
  /** What was written to files, by path. */
  readonly written: ReadonlyMap<string, string>;
}

export interface SceneOptions {
  readonly snapshot?: ClusterSnapshot;
  /** What the world looks like once something has been done. */
  readonly later?: (snapshot: ClusterSnapshot) => ClusterSnapshot;
  /** What a GET of a path answers; what is not here is not there (404). */
  readonly objects?: Readonly<Record<string, unknown>>;
  /** Pods in phase Failed, until they are deleted. */
  readonly failedPods?: readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[];
  /** Answers a change: an Error is thrown. */
  readonly answer?: (method: string, path: string) => Error | null;
  /** Files of the machine, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What a command line (without sudo) says, by how it begins; other commands say nothing and succeed. */
  readonly says?: Readonly<Record<string, string | { readonly exitCode: number; readonly stdout?: string; readonly stderr?: string } | Error>>;
  readonly road?: string;
  readonly may?: (verb: string, resource: string) => 'yes' | 'no' | 'unknown';
}

/** A cluster with one machine, gpu-1, that answers as told and keeps what was asked of it. */
export function aScene({
  snapshot = aSnapshot({ hosts: hostsOf(aHost()) }),
  later,
  objects = {},
  failedPods = [],
  answer,
  files = {},
  says = {},
  road = 'ssh gpu-1',
  may,
}: SceneOptions = {}): Scene {
  const requests: string[] = [];
  const commands: string[] = [];
  const written = new Map<string, string>();
  let current = snapshot;
  let failed = failedPods;
  const request = async (path: string, { method = 'GET', body }: KubeRequest) => {
    if (method !== 'GET') {
      requests.push(`${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`);
      const trouble = answer?.(method, path) ?? null;
      if (trouble !== null) throw trouble;
      if (method === 'DELETE') failed = failed.filter(({ metadata }) => path !== `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`);
      return ok;
    }
    if (!(path in objects)) throw new KubeError('not-found', `${path} is not there`, { status: 404 });
    const found = objects[path];
    return { ...ok, body: typeof found === 'function' ? found() : found };
  };
  const run = async (command: HostCommand): Promise<HostResult> => {
    const line = commandLine(command.argv);
    commands.push(`${command.sudo === true ? 'sudo ' : ''}${line}`);
    const [program, file = ''] = command.argv;
    const told = Object.entries(says).find(([start]) => line.startsWith(start))?.[1];
    if (told instanceof Error) throw told;
    if (told !== undefined) return typeof told === 'string' ? ended(0, { stdout: told }) : ended(told.exitCode, told);
    if (program === 'tee') written.set(file, command.stdin ?? '');
    if (program === 'cat') return files[file] === undefined ? missing(file) : ended(0, { stdout: files[file] });
    if (program === 'stat') return missing(command.argv.at(-1) ?? '');
    return ended(0);
  };
  const world = aWorld({ request });
  const open = async () => Readable.from([Buffer.from(JSON.stringify({ metadata: { resourceVersion: '7' }, items: failed }))]);
  const host: Host = { name: 'gpu-1', road, run, close: () => undefined };
  return {
    ...world,
    client: { ...world.client, open },
    snapshot: () => current,
    async until(condition) {
      if (condition(current)) return true;
      if (later !== undefined) current = later(current);
      return condition(current);
    },
    host: async () => host,
    access: async (verb, resource) => may?.(verb, resource) ?? 'yes',
    requests,
    commands,
    written,
  };
}

function missing(file: string): HostResult {
  return ended(1, { stderr: `cannot open '${file}': No such file or directory\n` });
}

/** The machine's facts after whatever was done to it, from a probe of this moment. */
export function laterFacts(overrides: Partial<HostFacts>): (snapshot: ClusterSnapshot) => ClusterSnapshot {
  return (snapshot) => ({ ...snapshot, hosts: hostsOf(aHost({ facts: someFacts({ at: Date.now() + 60_000, tookMs: 0, ...overrides }) })) });
}

export interface Outcome {
  readonly state: string;
  /** What failed, as it was said. */
  readonly failed: readonly string[];
  readonly skipped: number;
  readonly verification: Verification | null;
}

export async function carryOut(planned: PlannedOperation, world: World): Promise<Outcome> {
  const failed: string[] = [];
  let skipped = 0;
  for await (const event of runPlanned(planned, world, new AbortController().signal)) {
    if (event.event === 'item' && event.progress.state === 'failed') failed.push(event.progress.said ?? '');
    if (event.event === 'item' && event.progress.state === 'skipped') skipped += 1;
    if (event.event === 'ended') return { state: event.state, failed, skipped, verification: event.verification };
  }
  throw new Error('the run had no end');
}

/** Plans and carries out in one go. */
export async function done(operation: Operation, input: Readonly<Record<string, string>>, world: World): Promise<Outcome> {
  return carryOut(await operation.plan(input, world), world);
}

export async function exact(operation: Operation, input: Readonly<Record<string, string>>, world: World): Promise<readonly string[]> {
  return (await operation.plan(input, world)).plan.items.map((item) => item.exact);
}

/** What only root's changes were, in order. */
export function changes(scene: Scene): readonly string[] {
  return scene.commands
    .filter((line) => line.startsWith('sudo ') && !/^sudo (?:stat|crictl (?:ps|images)|kubeadm version|journalctl --disk)/.test(line))
    .map((line) => line.slice(5));
}
