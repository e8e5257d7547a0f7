import { shellQuote } from '../hosts/shell-quote.js';
import { masked } from '../text/masked.js';
import type { StepSpec } from './playbook.js';
import { stepFrame } from './step-frame.js';
import { leaseValues } from './step-lease.js';

export type Phase = 'check' | 'apply' | 'verify' | 'undo';

export interface StepScriptOptions {
  readonly phase: Phase;
  readonly step: StepSpec;
  /** All that the step sees; each name that its script mentions becomes a shell variable. */
  readonly values: Readonly<Record<string, string>>;
  /** Rendered, for `$FILES`. */
  readonly files: readonly RenderedFile[];
  /** Text of assets/runbooks/prelude.sh. */
  readonly prelude: string;
  /** Write over what was edited by hand. */
  readonly overwrite: boolean;
  /** For whoever finds the machine in use: `alice@laptop since 2026-11-02 12:01`. */
  readonly holder: string;
  /** Names of values that reach no log. */
  readonly secrets?: ReadonlySet<string>;
  /** Where it runs; a host, as root, by default. */
  readonly seat?: ScriptSeat;
  /** Whether nobody else may be at work on the machine meanwhile: apply and undo are always alone. */
  readonly alone?: boolean;
}

export interface RenderedFile {
  readonly name: string;
  readonly text: string;
}

/** Where the scripts of a column run, and where they keep what they need to keep. */
export interface ScriptSeat {
  readonly kubeContext: string;
  /** Null: as kubectl finds it. */
  readonly kubeconfig: string | null;
  /** Steps of hosts are marked in a file there, those of the cluster in a ConfigMap. */
  readonly marks: 'host' | 'cluster';
  readonly backups: string;
  readonly state: string;
  readonly logs: string;
  readonly lock: string;
  /** For steps of the cluster: how many seconds its Lease counts without being renewed; 60 by default. */
  readonly leaseSeconds?: number;
  readonly bootId: string;
}

/** A host of the inventory. */
export const hostSeat: ScriptSeat = {
  kubeContext: '',
  kubeconfig: null,
  marks: 'host',
  backups: '/var/backups/gpuk8s',
  state: '/var/lib/gpuk8s-tui',
  logs: '/var/log/gpuk8s-tui',
  lock: '/run/lock/gpuk8s-tui.lock',
  bootId: '/proc/sys/kernel/random/boot_id',
};

/**
 * One phase of a step as a text for `bash -s`. Values and files are data in it whatever they contain, and it does nothing unless it arrived whole. Its exit code is that of the phase, 84 where somebody else is at work there, 85 where
 * it could not begin, 124 where its time was over; lines with `##gpuk8s` tell the rest. Throws RangeError for what cannot be one.
 */
export function stepScript({ phase, step, values, files, prelude, overwrite, holder, secrets = new Set(), seat = hostSeat, alone }: StepScriptOptions): string {
  const body = scriptOf(step, phase);
  const locked = phase === 'apply' || phase === 'undo' || alone === true;
  const own: Readonly<Record<string, string>> = {
    STEP: step.id,
    OVERWRITE: overwrite ? 'yes' : 'no',
    ...seatValues(seat),
    FRAME_PHASE: phase,
    FRAME_LIMIT: String(Math.ceil(phaseLimitMs(step, phase) / 1000)),
    FRAME_HOLDER: holder.replace(/\s+/g, ' '),
    FRAME_LOCK: seat.lock,
    FRAME_LOGS: seat.logs,
    FRAME_BOOT_ID: seat.bootId,
    FRAME_MARKS: seat.marks,
    FRAME_LOCKED: locked ? 'yes' : 'no',
    FRAME_REBOOTS: step.reboots ? 'yes' : 'no',
    ...leaseValues(step.id, holder, seat.marks === 'cluster' ? (seat.leaseSeconds ?? 60) : null),
    ...(seat.marks === 'host' ? {} : patches(step.id, holder)),
  };
  const used = usedValues(`${prelude}\n${body}`, values);
  const hidden = [...secrets].flatMap((name) => values[name] ?? []);
  return [
    '# shellcheck shell=bash disable=SC2034,SC2016,SC2317',
    prelude.trimEnd(),
    ...(seat.kubeconfig === null ? [] : [`export KUBECONFIG=${shellQuote(seat.kubeconfig)}`]),
    ...assigned(own),
    ...assigned(used),
    'step_files() {',
    ...fileLines('$WORK/masks', maskScript(hidden)),
    ...files.map(checkedFile).flatMap(({ name, text }) => fileLines(`$FILES/${name}`, text)),
    '}',
    'step_phase() {',
    body,
    '}',
    stepFrame,
    // Half of this line is no command.
    '{ start; exit; }',
    '',
  ].join('\n');
}

/** What a phase does, for people: its values as assignments, secrets masked, and its commands. Empty where the step has no such phase. */
export function maskedScript({
  phase,
  step,
  values,
  secrets,
}: Pick<StepScriptOptions, 'phase' | 'step' | 'values'> & { readonly secrets: ReadonlySet<string> }): readonly string[] {
  const source = phase === 'verify' ? (step.verify ?? step.check) : step[phase];
  if (source === null) return [];
  const body = source.trimEnd();
  const lines = Object.entries(usedValues(body, values)).map(([name, value]) => `${name}=${secrets.has(name) ? hiddenValue : masked(shellQuote(value))}`);
  return [...lines, ...body.split('\n')].flatMap((line) => line.split('\n'));
}

/** What stands in the place of a secret value. */
export const hiddenValue = '••••';

/** How long, in ms, a check may take. */
export const lookingMs = 60_000;

/** How long, in ms, a phase may take: a verification may wait for what it wants to see. */
export function phaseLimitMs({ timeoutMs }: Pick<StepSpec, 'timeoutMs'>, phase: Phase): number {
  return phase === 'check' ? lookingMs : timeoutMs;
}

/** The script of a phase, fit to be the body of a function. Throws RangeError where the step has no such phase. */
export function scriptOf(step: StepSpec, phase: Phase): string {
  const source = phase === 'verify' ? (step.verify ?? step.check) : step[phase];
  if (source === null) throw new RangeError(`step ${step.id} has no ${phase}`);
  // A function has to have a command.
  return source.trim() === '' ? ':' : source.trimEnd();
}

/** Of a seat, what the scripts themselves see. */
export function seatValues({ kubeContext, backups, state }: ScriptSeat): Readonly<Record<string, string>> {
  return { KUBE_CONTEXT: kubeContext, BACKUPS: backups, STATE: state };
}

/** Those that the text mentions: what a script does not need it does not get. */
export function usedValues(text: string, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const words = new Set(text.match(/\b[A-Z][A-Z0-9_]*\b/g) ?? []);
  return Object.fromEntries(Object.entries(values).filter(([name]) => words.has(name) && !ours.has(name) && !name.startsWith('FRAME_')));
}

/** Set by the frame itself, whatever a playbook calls its variables. */
const ours = new Set('STEP FILES OVERWRITE KUBE_CONTEXT KUBECONFIG BACKUPS STATE WORK GIVES LEASE_HOLDER LEASE_KEEPER'.split(' '));

/** Assignments of a shell. Throws RangeError for what cannot be the name of a variable. */
export function assigned(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name) || bashOwn.has(name)) throw new RangeError(`"${name}" cannot be the name of a variable`);
    return `${name}=${shellQuote(value)}`;
  });
}

/** Bash gives these a meaning, or does not let them be set. */
const bashOwn = new Set(
  'PATH IFS HOME PWD OLDPWD UID EUID PPID ENV CDPATH SHELL SHELLOPTS BASHOPTS BASH BASHPID BASH_ENV RANDOM SECONDS LINENO OPTIND OPTARG REPLY PIPESTATUS FUNCNAME GROUPS DIRSTACK HOSTNAME OSTYPE LC_ALL LANG TERM USER LD_PRELOAD LD_LIBRARY_PATH'.split(
    ' ',
  ),
);

/** Throws RangeError where its name would lead somewhere else. */
export function checkedFile(file: RenderedFile): RenderedFile {
  if (!/^\w[\w.-]*$/.test(file.name)) throw new RangeError(`"${file.name}" cannot be the name of a rendered file`);
  return file;
}

/** Lines that write a text into a file: base64, so that neither what is in it nor how it ends matters. `path` may have shell variables. */
export function fileLines(path: string, text: string): readonly string[] {
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(/.{1,120}/g) ?? [];
  return [`base64 -d >"${path}" <<'.'`, ...lines, '.'];
}

/** For sed: hides these values, and what kubeadm prints of its own. */
function maskScript(secrets: readonly string[]): string {
  const lines = [...new Set(secrets.flatMap((secret) => secret.split('\n')))].filter((line) => line.length >= 4).sort((a, b) => b.length - a.length);
  return [
    ...lines.map((line) => `s/${line.replace(/[\\/.*[\]^$]/g, '\\$&')}/${hiddenValue}/g`),
    `s/\\b[a-z0-9]\\{6\\}\\.[a-z0-9]\\{16\\}\\b/${hiddenValue}/g`,
    `s/^[0-9a-f]\\{64\\}$/${hiddenValue}/`,
    `s/\\(certificate-key[ =]*\\)[0-9a-f]\\{64\\}/\\1${hiddenValue}/g`,
    '',
  ].join('\n');
}

function patches(step: string, holder: string): Readonly<Record<string, string>> {
  const patch = (value: string | null) => JSON.stringify({ data: { [step]: value } });
  return { FRAME_MARK_BEGUN: patch(`begun ${holder}`), FRAME_MARK_DONE: patch(`verified ${holder}`), FRAME_MARK_NONE: patch(null) };
}
