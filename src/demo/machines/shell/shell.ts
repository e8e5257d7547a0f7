import type { MachineHost } from '../machine-host.js';
import { answerProbe } from '../probe/answer.js';
import { answerSetup } from '../setup/answer-setup.js';
import { parseSetupCall } from '../setup/setup-call.js';
import type { CommandResult } from '../smi/answer.js';
import { parseCommandLine, type SimpleCommand } from './command-line.js';
import { commands } from './commands.js';

export interface ShellInput {
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets what comes before the end, of programs that take their time. */
  say?(text: string): void;
}

/** What answers when somebody logs in: not a shell that runs programs, but one that knows what some of them would say. */
export interface Shell {
  readonly prompt: string;
  readonly welcome: string;
  readsInput(line: string): boolean;
  run(line: string, input: ShellInput): Promise<CommandResult>;
  /** Runs one command whose words are known, without a shell's quoting. */
  runWords(words: readonly string[], input: ShellInput): CommandResult;
  /** Whether there is such a program. */
  has(program: string): boolean;
}

export interface ShellSetup {
  readonly user: string;
  /** What the machine or container calls itself. */
  readonly name: string;
  /** The only programs there are; all that the demo knows when left out. */
  readonly programs?: readonly string[];
}

/** The shell of a machine, or of a container on it. */
export function createShell(host: MachineHost, setup: ShellSetup): Shell {
  const { user, name, programs } = setup;
  const place: Place = {
    host,
    root: user === 'root',
    has: (program) => isShell(program) || (commands.has(program) && (programs === undefined || programs.includes(program))),
  };
  return {
    prompt: `${user}@${name}:~$ `,
    welcome: `Welcome to ${name}, a machine of the demo cluster. It knows nvidia-smi, systemctl is-active, cat of some files, and a few others.\n`,
    readsInput,
    run: (line, input) => setupAnswer(place, line, input) ?? Promise.resolve(runLine(place, line, input, 0)),
    runWords: (words, input) => runCommand(place, words, input, 0),
    has: place.has,
  };
}

/** Whether a command line waits for the end of its standard input. */
export function readsInput(line: string): boolean {
  return (parseCommandLine(line) ?? []).some(({ commands: parts }) => parts.some((command) => readsStdin(command)));
}

/** The same for a command whose words are known. */
export function wordsReadInput(words: readonly string[]): boolean {
  return readsStdin({ words, env: {} });
}

/** The program that the words of a command name, without what only says how it is to be run. */
export function programOf(words: readonly string[]): string {
  return baseName(unwrapped({ words, env: {} }).argv[0] ?? '');
}

interface Place {
  readonly host: MachineHost;
  /** Whether everything runs as root there. */
  readonly root: boolean;
  has(program: string): boolean;
}

function baseName(path: string): string {
  return path.replace(/^\/(?:usr\/)?s?bin\//, '');
}

/** A script of guided setup on the standard input takes its time; all else is answered at once. Null for anything else. */
function setupAnswer(place: Place, line: string, input: ShellInput): Promise<CommandResult> | null {
  const [pipeline, ...others] = parseCommandLine(line) ?? [];
  const [command, ...more] = pipeline?.commands ?? [];
  if (command === undefined || others.length > 0 || more.length > 0) return null;
  const { argv, root } = unwrapped(command);
  const call = isShell(baseName(argv[0] ?? '')) && argv[1] !== '-c' ? parseSetupCall(input.stdin) : null;
  if (call === null) return null;
  const early: string[] = [];
  const say = input.say ?? ((text: string) => early.push(text));
  return answerSetup(place.host, call, root || place.root, say).then((result) => ({ ...result, stdout: early.join('') + result.stdout }));
}

function runLine(place: Place, line: string, { stdin, env }: ShellInput, depth: number): CommandResult {
  const pipelines = depth > 8 ? null : parseCommandLine(line);
  if (pipelines === null) return { stdout: '', stderr: 'sh: the machines of the demo know single commands, pipes, ; && and ||, nothing more\n', exitCode: 2 };
  let last: CommandResult = nothing;
  let stdout = '';
  let stderr = '';
  for (const { when, commands: parts } of pipelines) {
    if ((when === 'success' && last.exitCode !== 0) || (when === 'failure' && last.exitCode === 0)) continue;
    let flow = stdin;
    for (const command of parts) {
      last = runCommand(place, command.words, { stdin: flow, env: { ...env, ...command.env } }, depth);
      if (!command.dropStderr) {
        if (command.stderrToStdout) last = { ...last, stdout: last.stdout + last.stderr };
        else stderr += last.stderr;
      }
      flow = command.dropStdout ? '' : last.stdout;
    }
    stdout += flow;
  }
  return { stdout, stderr, exitCode: last.exitCode };
}

const nothing: CommandResult = { stdout: '', stderr: '', exitCode: 0 };

function runCommand(place: Place, words: readonly string[], input: ShellInput, depth: number): CommandResult {
  const { argv, env, root } = unwrapped({ words, env: input.env });
  const [path = '', ...rest] = argv;
  const program = baseName(path);
  if (program === '') return nothing;
  if (isShell(program)) return runShell(place, rest, { ...input, env }, depth);
  const known = place.has(program) ? commands.get(program) : undefined;
  if (known !== undefined) return known(place.host, rest, { stdin: input.stdin, root: root || place.root });
  return { stdout: '', stderr: `bash: line 1: ${path}: command not found\n`, exitCode: 127 };
}

/** `sh -c LINE`, or a script on the standard input: the probe is answered without running it, of anything else each line is a command. */
function runShell(place: Place, argv: readonly string[], input: ShellInput, depth: number): CommandResult {
  if (argv[0] === '-c') return runLine(place, argv[1] ?? '', input, depth + 1);
  const script = input.stdin;
  if (script.includes('GPUK8S_MARK')) {
    const asArgument = argv[0] === '-s' ? argv[1] : undefined;
    return { stdout: answerProbe(place.host, asArgument ?? input.env['GPUK8S_MARK'] ?? '', input.env['GPUK8S_SUDO'] === '1'), stderr: '', exitCode: 0 };
  }
  return runLine(place, script, { ...input, stdin: '' }, depth + 1);
}

function readsStdin({ words, env }: Pick<SimpleCommand, 'words' | 'env'>): boolean {
  const [program = '', ...rest] = unwrapped({ words, env }).argv;
  if (isShell(program.replace(/^.*\//, ''))) return rest[0] !== '-c';
  return program === 'tee' || (program === 'cat' && rest.every((word) => word === '-'));
}

function isShell(program: string): boolean {
  return program === 'sh' || program === 'bash' || program === 'dash';
}

/** A command without what only says how it is to be run: sudo, env, timeout, nice, exec. */
function unwrapped({ words, env }: { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> }): {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Whether sudo was one of them. */
  root: boolean;
} {
  let argv = words;
  let all = env;
  let root = false;
  for (;;) {
    const [program = '', ...rest] = argv;
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(program);
    const taken = wrappers.get(program.replace(/^.*\//, ''))?.(rest);
    if (assigned !== null && argv !== words) {
      all = { ...all, [assigned[1] ?? '']: assigned[2] ?? '' };
      argv = rest;
    } else if (taken === undefined) return { argv, env: all, root };
    else {
      root ||= program.endsWith('sudo');
      argv = rest.slice(taken);
    }
  }
}

/** How many of a wrapper's words are its own. */
const wrappers: ReadonlyMap<string, (rest: readonly string[]) => number> = new Map<string, (rest: readonly string[]) => number>([
  ['sudo', (rest) => options(rest, ['-u', '-g', '-p'])],
  ['env', (rest) => options(rest, ['-u'])],
  ['exec', () => 0],
  ['command', () => 0],
  ['nice', (rest) => options(rest, ['-n'])],
  ['ionice', (rest) => options(rest, ['-c', '-n'])],
  ['timeout', (rest) => options(rest, ['-k', '-s']) + 1],
]);

function options(rest: readonly string[], withValue: readonly string[]): number {
  let place = 0;
  while (rest[place]?.startsWith('-') === true) {
    if (rest[place] === '--') return place + 1;
    place += withValue.includes(rest[place] ?? '') ? 2 : 1;
  }
  return place;
}
