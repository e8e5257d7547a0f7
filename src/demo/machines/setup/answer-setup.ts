import { createHash } from 'node:crypto';
import type { MachineHost } from '../machine-host.js';
import type { CommandResult } from '../smi/answer.js';
import type { Scene, Seen } from './host-step.js';
import { hostSteps } from './host-steps.js';
import type { SetupCall, StepAsked, StepCall } from './setup-call.js';

/** Answers a script of guided setup as the machine would, line by line: `say` gets what comes before its end. */
export async function answerSetup(host: MachineHost, call: SetupCall, root: boolean, say: (text: string) => void): Promise<CommandResult> {
  if (call.kind === 'detect') return { ...ended(0), stdout: detected(host) };
  if (call.kind === 'checks') {
    for (const [index, asked] of call.checks.entries()) say(`##gpuk8s checked ${index} ${checked(host, asked, call.cluster)}\n`);
    return ended(0);
  }
  const tell = (text: string) => say(`##gpuk8s ${text}\n`);
  if (!root) {
    tell(`broken ${base64('only root can do that: sudo is needed')}`);
    return ended(85);
  }
  const { record } = host.machine.linux;
  if (call.locked && record.heldBy !== null) {
    tell(`held ${base64(record.heldBy)}`);
    return ended(84);
  }
  tell(`began ${call.phase}`);
  const own = call.phase === 'check' ? errand(host, call) : null;
  if (own !== null) {
    tell(`ended ${own}`);
    return ended(own);
  }
  const exit = call.phase === 'apply' || call.phase === 'undo' ? await changed(host, call, say) : looked(host, call, say);
  tell(`ended ${exit}`);
  return ended(exit);
}

/** What the program has done on a host besides its steps: the boot that a step takes effect with, and a note that the node was emptied for it. Its exit code; null for a step's own check. */
function errand(host: MachineHost, { body, step }: StepCall): number | null {
  const { record } = host.machine.linux;
  if (/^systemctl reboot$/m.test(body)) {
    if (record.boots.get(step) !== host.machine.bootId) return 90;
    host.systems?.reboot(host.machine);
    return 0;
  }
  if (!body.includes('/reboot/$STEP.drained"')) return null;
  if (body.startsWith('rm ')) record.drained.delete(step);
  else record.drained.add(step);
  return 0;
}

/** What the machine says of itself. */
function detected({ machine }: MachineHost): string {
  const { hardware } = machine;
  const lines = [
    `address ${machine.address}/16`,
    'user ops',
    `gpus ${machine.gpus}`,
    `runtime ${hardware.runtime === 'cri-o' ? 'crio' : 'containerd'}`,
    'os ubuntu 24.04',
    `memory ${hardware.memoryKi * 1024}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** One line's rest of a check among many. */
function checked(host: MachineHost, asked: StepAsked, cluster: boolean): string {
  const { exit, said } = seen(host, asked, cluster);
  return `${exit} ${markOf(host, asked.step) ?? 'none'} ${base64(said.map((line) => `${line}\n`).join(''))}`;
}

function looked(host: MachineHost, call: StepCall, say: (text: string) => void): number {
  const { record } = host.machine.linux;
  const before = record.boots.get(call.step);
  if (call.phase === 'check') {
    say(`##gpuk8s marked ${markOf(host, call.step) ?? ''}\n`);
    if (before !== undefined) say(`##gpuk8s boot ${before === host.machine.bootId ? 'same' : 'new'}\n`);
    if (record.drained.has(call.step)) say('##gpuk8s drained\n');
  }
  const { exit, said } = seen(host, call, call.cluster);
  say(said.map((line) => `${line}\n`).join(''));
  if (call.phase === 'verify' && exit === 0) {
    marksOf(host).set(call.step, 'verified');
    record.boots.delete(call.step);
    record.drained.delete(call.step);
  }
  return exit;
}

/** Apply and undo: what they say comes line by line, what they do at its end. The machine goes on when nobody listens any more, and stops where it loses its power. */
async function changed(host: MachineHost, call: StepCall, say: (text: string) => void): Promise<number> {
  const { record } = host.machine.linux;
  const step = hostSteps.get(call.step);
  const { bootId } = host.machine;
  record.heldBy = `${call.holder}, step ${call.step}`;
  try {
    if (step === undefined || call.cluster) {
      say(`${noSuchStep(call)}\n`);
      return 127;
    }
    const scene = sceneOf(host, call);
    const edited = call.phase === 'apply' && !call.overwrite ? (step.edited?.(scene) ?? null) : null;
    if (edited !== null) {
      say([...step.look(scene).said.slice(0, -1), `${edited} was edited by hand since it was written`].map((line) => `${line}\n`).join(''));
      return 83;
    }
    if (call.phase === 'apply') marksOf(host).set(call.step, 'begun');
    for (const line of call.phase === 'apply' ? (step.says?.(scene) ?? []) : []) {
      await wait(host, lineMs);
      say(`${line}\n`);
    }
    await wait(host, lineMs);
    if (host.machine.off || host.machine.bootId !== bootId) return await new Promise<number>(() => {});
    if (call.phase === 'undo') {
      step.undoes?.(scene);
      marksOf(host).delete(call.step);
      record.boots.delete(call.step);
      return 0;
    }
    const trouble = step.does?.(scene) ?? null;
    if (trouble !== null) {
      say(`${trouble}\n`);
      return 1;
    }
    if (call.step === 'join-secrets') for (const [name, value] of joinSecrets(host)) say(`##gpuk8s give ${name} ${base64(value)}\n`);
    if (call.reboots) record.boots.set(call.step, bootId);
    return 0;
  } finally {
    record.heldBy = null;
  }
}

/** Between two lines of output, in ms. */
const lineMs = 220;

function wait(host: MachineHost, ms: number): Promise<void> {
  return new Promise((resolve) => {
    host.world.clock.after(ms, resolve);
  });
}

function seen(host: MachineHost, asked: StepAsked, cluster: boolean): Seen | { readonly exit: 127; readonly said: readonly string[] } {
  const step = cluster ? undefined : hostSteps.get(asked.step);
  // Looking for the first time settles what was done before.
  marksOf(host);
  return step === undefined
    ? { exit: 127, said: [cluster ? 'the machines of the demo have no kubectl: choose to run it here' : noSuchStep(asked)] }
    : step.look(sceneOf(host, asked));
}

function noSuchStep({ step }: StepAsked): string {
  return `bash: no such step on the machines of the demo: ${step}`;
}

function markOf(host: MachineHost, step: string): 'begun' | 'verified' | null {
  return marksOf(host).get(step) ?? null;
}

function marksOf(host: MachineHost): Map<string, 'begun' | 'verified'> {
  const { record } = host.machine.linux;
  if (record.marks === null) {
    record.marks = new Map();
    for (const [id, step] of hostSteps) {
      const { exit } = step.look(sceneOf(host, { step: id, values: new Map(), files: new Map(), overwrite: false }));
      if (exit === 0 || exit === 80) record.marks.set(id, 'verified');
    }
  }
  return record.marks;
}

function sceneOf(host: MachineHost, { values, files }: StepAsked): Scene {
  return { host, record: host.machine.linux.record, values, files };
}

/** As kubeadm makes them, other ones each time. */
function joinSecrets(host: MachineHost): readonly (readonly [string, string])[] {
  const digest = (what: string) => createHash('sha256').update(`${what} ${host.machine.bootId} ${host.now()}`).digest('hex');
  const token = digest('token');
  return [
    ['JOIN_TOKEN', `${token.slice(0, 6)}.${token.slice(6, 22)}`],
    ['CA_CERT_HASH', `sha256:${digest('authority')}`],
    ['CERTIFICATE_KEY', digest('key')],
  ];
}

function ended(exitCode: number): CommandResult {
  return { stdout: '', stderr: '', exitCode };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
