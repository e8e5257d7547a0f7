import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { gpuPodsOn, reloadWarnings } from '../gpu-pods.js';
import { reachMachine, readUnit, unitName } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { carriesNode, unitCameBack } from '../unit-verification.js';

/** Starts a systemd unit now and at each boot, whatever kept it from that. */
export const enableUnit: Operation = defineFix({
  id: 'enable-unit',
  title: 'start a systemd unit now and at each boot',
  fields: { host: fieldForms.host, unit: fieldForms.unit },
  headline: (field) => `Enable ${unitName(field('unit'))} on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const state = await readUnit(machine, field('unit'));
    const { unit } = state;
    if (state.load === 'not-found') throw new Blocked(`there is no ${unit} on ${host}`);
    const masked = state.load === 'masked' || state.file.startsWith('masked');
    const running = state.active === 'active';
    // Others (static, indirect, generated, alias) have nothing that could be enabled: something else starts them.
    const toEnable = masked || state.file === 'disabled' || state.file === 'enabled-runtime';
    if (running && !toEnable) throw nothingToDo(`${unit} on ${host} is active and ${state.file || 'needs no enabling'}`);
    const goal = `${unit} on ${host} is active${carriesNode(unit) ? ', and its node Ready' : ''}${toEnable ? ', and starts at each boot' : ''}`;
    const back = [
      ...(toEnable ? [`systemctl disable${running ? '' : ' --now'} ${unit}`] : [`systemctl stop ${unit}`]),
      ...(masked ? [`systemctl mask ${unit}`] : []),
    ];
    return {
      risk: toEnable && gpuPodsOn(world.snapshot(), host).length > 0 ? 'disruptive' : 'safe',
      changes: [
        ...(masked ? [commandChange({ host, text: `Let ${unit} be started again (unmask)`, argv: ['systemctl', 'unmask', unit] })] : []),
        ...(state.active === 'failed' ? [commandChange({ host, text: `Forget the failures of ${unit}`, argv: ['systemctl', 'reset-failed', unit] })] : []),
        toEnable
          ? commandChange({ host, text: `Start ${unit} now and at each boot`, argv: ['systemctl', 'enable', '--now', unit], timeoutMs: 120_000 })
          : commandChange({ host, text: `Start ${unit}`, argv: ['systemctl', 'start', unit], timeoutMs: 120_000 }),
      ],
      warnings: [
        ...(toEnable ? reloadWarnings(world.snapshot(), host) : []),
        ...(masked ? [`somebody masked ${unit}: see that nothing else does its work`] : []),
        ...(toEnable || state.file === 'enabled' ? [] : [`${unit} is ${state.file || 'not for enabling'}: something else has to start it at boot`]),
      ],
      undo: `${host}# ${back.join('; ')}`,
      goal,
      verify: (seen, signal) => unitCameBack(seen, signal, machine, state, goal),
    };
  },
});
