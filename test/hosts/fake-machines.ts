import type { Asker } from '../../src/hosts/asker.js';
import type { FoundHost } from '../../src/hosts/discover.js';
import type { GpuReader } from '../../src/hosts/gpu-reader.js';
import type { Host, HostCommand, HostResult } from '../../src/hosts/host.js';
import { HostError } from '../../src/hosts/host-error.js';
import type { Roads } from '../../src/hosts/roads.js';
import { ubuntuAnswer } from './probe-answers.js';

/** What a machine does with a command: its output, or it rejects. */
export type Machine = (command: HostCommand, asker: Asker) => Promise<Partial<HostResult>>;

export interface FakeRoads extends Roads {
  /** Commands that were run, by machine. */
  readonly commands: readonly { readonly name: string; readonly command: HostCommand }[];
  /** Machines whose connection is open. */
  readonly open: ReadonlySet<string>;
}

/** Roads to machines that a test makes up, by name; pods by `namespace/pod/container`. */
export function fakeRoads(machineOf: (name: string) => Machine): FakeRoads {
  const commands: { name: string; command: HostCommand }[] = [];
  const open = new Set<string>();
  const host = (name: string, road: string, asker: Asker): Host => {
    open.add(name);
    return {
      name,
      road,
      async run(command) {
        commands.push({ name, command });
        const result = { exitCode: 0, signal: null, stdout: '', stderr: '', tookMs: 1, ...(await machineOf(name)(command, asker)) };
        if (result.stdout !== '') command.onOutput?.(result.stdout, 'stdout');
        return result;
      },
      close: () => open.delete(name),
    };
  };
  return {
    commands,
    open,
    ssh: async ({ name, address }: FoundHost, asker) => host(name, `ssh ops@${address}:22`, asker),
    local: async () => host('this machine', 'this machine', { ask: async () => null }),
    pod: async ({ namespace, pod, container }) => host(`${namespace}/${pod}/${container}`, `exec ${namespace}/${pod}`, { ask: async () => null }),
  };
}

/** Answers every probe with what `sections` changes about the Ubuntu worker. */
export function healthy(sections?: Parameters<typeof ubuntuAnswer>[0]): Machine {
  return async ({ env }) => ({ stdout: ubuntuAnswer({ ...sections, mark: env?.['GPUK8S_MARK'] ?? '' }) });
}

export function failing(kind: ConstructorParameters<typeof HostError>[0], message: string): Machine {
  return () => Promise.reject(new HostError(kind, message));
}

/** Never answers, and ends only with the command's signal. */
export const hanging: Machine = ({ signal }) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new HostError('aborted', 'given up'))));

/** Knows one GPU for whatever it is given, named after how it was asked. */
export const plainReader: GpuReader = {
  nvidiaSmi: (text, { exitCode }) =>
    exitCode === 0 && text.includes('<')
      ? { status: 'ok', driverVersion: '580.95.05', cudaVersion: '13.0', devices: [], warnings: [] }
      : { status: 'unreadable', why: `exit ${exitCode}` },
  dcgm: (text) =>
    text.includes('DCGM_FI') ? new Map([['gpu-1', { status: 'ok', driverVersion: 'dcgm', cudaVersion: null, devices: [], warnings: [] }]]) : new Map(),
  withPods: (report) => report,
  xids: () => [],
};
