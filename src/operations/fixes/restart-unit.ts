import { Blocked, defineFix, fieldForms } from '../fix.js';
import { reachMachine, readUnit, unitName } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { carriesNode, unitCameBack } from '../unit-verification.js';

/** Restarts a systemd unit. */
export const restartUnit: Operation = defineFix({
  id: 'restart-unit',
  title: 'restart a systemd unit',
  fields: { host: fieldForms.host, unit: fieldForms.unit },
  headline: (field) => `Restart ${unitName(field('unit'))} on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const state = await readUnit(machine, field('unit'));
    const { unit } = state;
    if (state.load === 'not-found') throw new Blocked(`there is no ${unit} on ${host}`);
    if (state.load === 'masked') throw new Blocked(`${unit} on ${host} is masked: it has to be enabled first (enable-unit)`);
    const once = state.type === 'oneshot';
    const goal = once ? `${unit} on ${host} ran to a good end` : `${unit} on ${host} is active${carriesNode(unit) ? ', and its node Ready' : ''}`;
    return {
      risk: state.active === 'active' && !once ? 'disruptive' : 'safe',
      changes: [
        // A unit that failed too often in a row is not started again before its failures are forgotten.
        ...(state.active === 'failed' ? [commandChange({ host, text: `Forget the failures of ${unit}`, argv: ['systemctl', 'reset-failed', unit] })] : []),
        commandChange({ host, text: `Restart ${unit}`, argv: ['systemctl', 'restart', unit], timeoutMs: 120_000 }),
      ],
      warnings: [
        ...(state.active === 'active' && !once ? [`${unit} is active now: it stops for a moment`] : []),
        ...(state.outdated ? [`the files of ${unit} have changed since systemd read them: it restarts as it was, until systemctl daemon-reload`] : []),
        ...(unit === 'docker.service' ? ['its containers stop with it, unless live-restore is on'] : []),
        ...(state.file === 'disabled' ? [`${unit} is disabled: it will not start at the next boot`] : []),
      ],
      undo: state.active === 'active' || once ? null : `${host}# systemctl stop ${unit}`,
      goal,
      verify: (seen, signal) => unitCameBack(seen, signal, machine, state, goal),
    };
  },
});
