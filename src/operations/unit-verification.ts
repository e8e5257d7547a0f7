import type { Verification } from '../state/operations.js';
import { clean } from '../text/clean.js';
import { notReady } from './gpu-pods.js';
import { factValue, type Machine, readUnit, type UnitState } from './machine-reading.js';
import type { World } from './operation.js';
import { askUntil, lookFor, missingFacts } from './verification.js';

/** A unit that starts and falls over again a moment later has not come back. */
const steadyMs = 5000;

/** Whether a node depends on the unit, so that it has to be Ready for the unit to be of use. */
export function carriesNode(unit: string): boolean {
  return /^(?:kubelet|containerd|crio)\.service$/.test(unit);
}

/** Waits until the unit stays active: seen in the machine's facts where the probe asks for it, else by asking systemd. A oneshot unit has to have ended well. */
export async function unitCameBack(world: World, signal: AbortSignal, machine: Machine, { unit, type }: UnitState, goal: string): Promise<Verification> {
  const within = 120_000;
  const name = unit.replace(/\.service$/, '');
  const probed = factValue(machine.facts?.services)?.some((service) => service.name === name) === true;
  const steadyAt = Date.now() + steadyMs;
  if (probed && type !== 'oneshot') {
    const missing = missingFacts(machine.name, steadyAt, (facts) => {
      const service = factValue(facts.services)?.find((one) => one.name === name);
      if (service === undefined) return `what became of ${unit} cannot be seen`;
      return service.active === 'active' ? null : `${unit} is ${service.active}; journalctl -u ${unit} -b says why`;
    });
    const node = carriesNode(unit) ? notReady : () => null;
    return lookFor(world, signal, { within, goal, missing: (snapshot) => missing(snapshot) ?? node(snapshot, machine.name) });
  }
  return askUntil(signal, {
    within: 60_000,
    goal,
    read: () => readUnit(machine, unit),
    missing({ active, sub, result }) {
      const state = `${unit} is ${clean(active, 40)} (${clean(sub, 40)})`;
      if (type === 'oneshot') return active !== 'activating' && result === 'success' ? null : `${state}, its last run: ${result}`;
      if (active !== 'active') return `${state}; journalctl -u ${unit} -b says why`;
      return Date.now() >= steadyAt ? null : `${state}, but not for long enough to be sure`;
    },
  });
}
