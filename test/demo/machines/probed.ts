import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { assetsPath } from '../../../src/assets-path.js';
import { parseXidLog } from '../../../src/gpu/xid.js';
import { hostFacts } from '../../../src/hosts/facts.js';
import { probeInput } from '../../../src/hosts/probe-script.js';
import { type ProbeAnswer, parseProbe } from '../../../src/hosts/probe-stream.js';
import type { HostFacts } from '../../../src/state/hosts.js';
import type { DemoMachine } from './demo-machine.js';

/** The probe script as every machine gets it. */
export const script = readFileSync(assetsPath('probe', 'probe.sh'), 'utf8');

export async function probe(machine: DemoMachine, root = true): Promise<ProbeAnswer> {
  const { stdout, stderr, exitCode } = await machine.run(`GPUK8S_MARK=m4rk ${root ? 'GPUK8S_SUDO=1 ' : ''}sh -s`, probeInput(script));
  expect([stderr, exitCode]).toEqual(['', 0]);
  return parseProbe(stdout, 'm4rk');
}

/** What the probe tells of a machine. */
export async function facts(machine: DemoMachine, root = true): Promise<HostFacts> {
  const at = machine.host.now();
  return hostFacts(await probe(machine, root), { at, tookMs: 5, clockAt: at }, (lines) => parseXidLog(lines.join('\n')));
}

/** A fact's value where it is known, else the fact with its reason. */
export function value<Name extends keyof HostFacts>(of: HostFacts, name: Name): unknown {
  const fact: unknown = of[name];
  return typeof fact === 'object' && fact !== null && 'known' in fact && fact.known === true && 'value' in fact ? fact.value : fact;
}
