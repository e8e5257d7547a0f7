import { type Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { clean } from '../text/clean.js';
import { closest } from '../text/closest.js';
import type { Actions } from './actions.js';
import { manualPage } from './help.js';
import { createProgram } from './program.js';
import { scenarioNames } from './scenario-names.js';

/**
 * Runs the program with these arguments and ends the process with its exit code. Every error that gets here is one line on stderr: what
 * failed, why, what to do; the stack only with --debug.
 */
export async function main(argv: readonly string[]): Promise<void> {
  // A closed pipe (`| head`) ends the output, not the program with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(process.exitCode ?? 0));
  let code = 0;
  const program = createProgram({ version: packageJson.version }, scenarioNames(), actions(), (finished) => {
    code = finished;
  });
  inOwnWords(program);
  try {
    await program.parseAsync(separateDemo(argv, program), { from: 'user' });
  } catch (error) {
    code = report(error, argv, program);
  }
  process.exitCode = code;
  // What still holds the event loop (kept-alive connections, watches) has nothing left to say once stdout is written.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

/** Each command is loaded only when it is the one that runs. */
function actions(): Actions {
  return {
    tui: async (options) => (await import('./tui.js')).tui(options, printHeadless),
    check: (options) => printHeadless((headless) => headless.check(options)),
    nodes: (options) => printHeadless((headless) => headless.nodes(options)),
    targets: (options) => printHeadless((headless) => headless.targets(options)),
    gpus: (options) => printHeadless((headless) => headless.gpus(options)),
    latency: (options) => printHeadless((headless) => headless.latency(options)),
    export: (options) => printHeadless((headless) => headless.exportTable(options)),
    journal: (options) => printHeadless((headless) => headless.journal(options)),
    cleanEvicted: async (options) => (await import('./clean.js')).cleanEvicted(options),
    cleanDisk: (node, options) => printHeadless((headless) => headless.cleanDisk(node, options)),
    scale: (objects, options) => printHeadless((headless) => headless.scale(objects, options)),
    experimentRun: async (file, options) => (await import('./experiment.js')).runExperiment(file, options),
    experimentStatus: async (named, options) => (await import('./experiment.js')).experimentStatus(named, options),
    experimentStop: async (named, options) => (await import('./experiment.js')).stopExperiment(named, options),
    setupList: async (options) => (await import('./setup.js')).setupList(options),
    setupShow: async (named, options) => (await import('./setup.js')).setupShow(named, options),
    setupStatus: async (named, options) => (await import('./setup.js')).setupStatus(named, options),
    setupPlan: async (named, options) => (await import('./setup.js')).setupPlan(named, options),
    setupRun: async (named, options) => (await import('./setup.js')).setupRun(named, options),
    setupUndo: async (step, options) => (await import('./setup.js')).setupUndo(step, options),
    demo: async (options) => (await import('./demo.js')).demo(options),
    completion: async (shell) => {
      const { completionScript } = await import('./completion.js');
      const program = createProgram({ version: packageJson.version }, scenarioNames(), actions(), () => undefined);
      process.stdout.write(completionScript(program, shell));
      return 0;
    },
  };
}

async function printHeadless(run: (headless: typeof import('./headless.js')) => Promise<number>): Promise<number> {
  return run(await import('./headless.js'));
}

function inOwnWords(command: Command): void {
  command.exitOverride();
  command.configureOutput({ outputError: () => undefined });
  command.helpInformation = () => manualPage(command, process.stdout.columns ?? 100);
  for (const sub of command.commands) inOwnWords(sub);
}

/** `--demo check` means the command check on the default demo cluster, not a scenario called check. */
function separateDemo(argv: readonly string[], program: Command): readonly string[] {
  const commands = new Set(program.commands.map((command) => command.name()));
  return argv.map((word, index) => (word === '--demo' && commands.has(argv[index + 1] ?? '') ? '--demo=healthy' : word));
}

function report(error: unknown, argv: readonly string[], program: Command): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const message = error instanceof CommanderError ? usageError(error, argv, program) : error instanceof Error ? error.message : String(error);
  process.stderr.write(`gpuk8s-tui: ${clean(message)}\n`);
  if (argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 2;
}

function usageError({ code, message }: CommanderError, argv: readonly string[], program: Command): string {
  // A command of commands without one of them: its help stands above.
  if (code === 'commander.help') return `${argv.find((word) => !word.startsWith('-')) ?? 'that'} needs to know what: see above`;
  const [word = ''] = argv;
  const commands = program.commands.map((command) => command.name());
  if (code === 'commander.excessArguments' && !word.startsWith('-') && !commands.includes(word)) {
    const meant = closest(word, commands);
    return `there is no command "${word}"${meant === null ? `: there are ${commands.join(', ')}` : `, did you mean ${meant}?`}`;
  }
  return `${message.replace(/^error: /, '').replace(/\.$/, '')}; see gpuk8s-tui --help`;
}
