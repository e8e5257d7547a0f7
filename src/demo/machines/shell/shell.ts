import type { MachineHost } from '../machine-host.js';
import { answerProbe } from '../probe/answer.js';
import type { CommandResult } from '../smi/answer.js';
import { parseCommandLine, type SimpleCommand } from './command-line.js';
import { commands } from './commands.js';

export interface ShellInput {
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What answers when somebody logs in: not a shell that runs programs, but one that knows what some of them would say. */
export interface Shell {
  readonly prompt: string;
  readonly welcome: string;
  /** Whether a command line waits for the end of its standard input. */
  readsInput(line: string): boolean;
  run(line: string, input: ShellInput): Promise<CommandResult>;
}

/** The shell of a machine; `container`: of a container on it, where there is nothing of the host but its GPUs. */
export function createShell(host: MachineHost, user: string): Shell {
  const { name } = host.machine;
  return {
    prompt: `${user}@${name}:~$ `,
    welcome: `Welcome to ${name}, a machine of the demo cluster. It knows nvidia-smi, systemctl is-active, cat of some files, and a few others.\n`,
    readsInput: (line) => (parseCommandLine(line) ?? []).some(({ commands: parts }) => parts.some((command) => readsStdin(command))),
    run: async (line, input) => runLine(host, line, input, 0),
  };
}

function runLine(host: MachineHost, line: string, { stdin, env }: ShellInput, depth: number): CommandResult {
  const pipelines = depth > 8 ? null : parseCommandLine(line);
  if (pipelines === null) return { stdout: '', stderr: 'sh: the machines of the demo know single commands, pipes, ; && and ||, nothing more\n', exitCode: 2 };
  let last: CommandResult = nothing;
  let stdout = '';
  let stderr = '';
  for (const { when, commands: parts } of pipelines) {
    if ((when === 'success' && last.exitCode !== 0) || (when === 'failure' && last.exitCode === 0)) continue;
    let flow = stdin;
    for (const command of parts) {
      last = runCommand(host, command.words, { stdin: flow, env: { ...env, ...command.env } }, depth);
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

function runCommand(host: MachineHost, words: readonly string[], input: ShellInput, depth: number): CommandResult {
  const { argv, env } = unwrapped({ words, env: input.env });
  const [path = '', ...rest] = argv;
  const program = path.replace(/^\/(?:usr\/)?s?bin\//, '');
  if (program === '') return nothing;
  if (isShell(program)) return runShell(host, rest, { ...input, env }, depth);
  const known = commands.get(program);
  if (known !== undefined) return known(host, rest, input.stdin);
  return { stdout: '', stderr: `bash: line 1: ${path}: command not found\n`, exitCode: 127 };
}

/** `sh -c LINE`, or a script on the standard input: the probe is answered without running it, of anything else each line is a command. */
function runShell(host: MachineHost, argv: readonly string[], input: ShellInput, depth: number): CommandResult {
  if (argv[0] === '-c') return runLine(host, argv[1] ?? '', input, depth + 1);
  const script = input.stdin;
  if (script.includes('GPUK8S_MARK')) {
    const asArgument = argv[0] === '-s' ? argv[1] : undefined;
    return { stdout: answerProbe(host, asArgument ?? input.env['GPUK8S_MARK'] ?? ''), stderr: '', exitCode: 0 };
  }
  return runLine(host, script, { ...input, stdin: '' }, depth + 1);
}

function readsStdin({ words, env }: SimpleCommand): boolean {
  const [program = '', ...rest] = unwrapped({ words, env }).argv;
  if (isShell(program.replace(/^.*\//, ''))) return rest[0] !== '-c';
  return program === 'cat' && rest.every((word) => word === '-');
}

function isShell(program: string): boolean {
  return program === 'sh' || program === 'bash' || program === 'dash';
}

/** A command without what only says how it is to be run: sudo, env, timeout, nice, exec. */
function unwrapped({ words, env }: { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> }): {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
} {
  let argv = words;
  let all = env;
  for (;;) {
    const [program = '', ...rest] = argv;
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(program);
    const taken = wrappers.get(program.replace(/^.*\//, ''))?.(rest);
    if (assigned !== null && argv !== words) {
      all = { ...all, [assigned[1] ?? '']: assigned[2] ?? '' };
      argv = rest;
    } else if (taken === undefined) return { argv, env: all };
    else argv = rest.slice(taken);
  }
}

/** How many of a wrapper's words are its own. */
const wrappers: ReadonlyMap<string, (rest: readonly string[]) => number> = new Map<string, (rest: readonly string[]) => number>([
  ['sudo', (rest) => options(rest, ['-u', '-g', '-p'])],
  ['env', (rest) => options(rest, ['-u'])],
  ['exec', () => 0],
  ['command', () => 0],
  ['nice', (rest) => options(rest, ['-n'])],
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
