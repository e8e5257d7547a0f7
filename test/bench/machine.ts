import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };
import type { Bench } from './bench.js';
import { kubectlVersion } from './peers.js';

/** Where and with what a run was made. */
export interface Surroundings {
  readonly at: string;
  readonly version: string;
  readonly commit: string;
  readonly node: string;
  readonly kubectl: string | null;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  /** Load averages of the last minute, at the start and at the end: above the cores, others worked too. */
  readonly load: readonly [number, number];
  readonly binaryMB: number | null;
}

export function surroundings({ kubectl, binary }: Bench, loadAtStart: number): Surroundings {
  return {
    at: new Date().toISOString(),
    version: packageJson.version,
    commit: commit(),
    node: process.version,
    kubectl: kubectl === null ? null : kubectlVersion(kubectl),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${distribution()}, Linux ${release()}`,
    load: [rounded(loadAtStart), rounded(loadavg()[0] ?? 0)],
    binaryMB: binary === null ? null : Math.round(statSync(binary).size / 1e6),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function rounded(load: number): number {
  return Math.round(load * 10) / 10;
}
