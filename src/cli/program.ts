import { Command, Option } from 'commander';
import { tabs } from '../../views/screens/screen-ids.js';
import type {
  Actions,
  CheckOptions,
  CleanDiskOptions,
  CleanEvictedOptions,
  ConnectionOptions,
  ExperimentRunOptions,
  ExperimentStatusOptions,
  ExportCommandOptions,
  GpusCommandOptions,
  JournalCommandOptions,
  LatencyCommandOptions,
  ScaleCommandOptions,
  SetupListOptions,
  SetupPlanOptions,
  SetupRunOptions,
  SetupShowOptions,
  SetupStatusOptions,
  SetupUndoOptions,
  TuiOptions,
} from './actions.js';
import {
  commaList,
  httpUrl,
  milliseconds,
  moment,
  output,
  percentage,
  prometheusPlace,
  refreshSeconds,
  replicaNumber,
  scenario,
  spanOfTime,
  stepDuration,
  watchSeconds,
  wholeNumber,
} from './arguments.js';
import { hostWords, valueWords } from './setup-words.js';

/** The program's version and home, kept in package.json and put in by the build. */
export interface ProgramInfo {
  readonly version: string;
}

/** The command table: parsing, help and shell completion are all made from it. `finished` gets each command's exit code. */
export function createProgram(info: ProgramInfo, scenarios: readonly string[], actions: Actions, finished: (code: number) => void): Command {
  const run =
    <Options extends object>(action: (options: Options) => Promise<number>) =>
    async (options: Options, command: Command) =>
      // What is said before the command counts for it too: `gpuk8s-tui --context lab check`.
      finished(await action({ ...command.parent?.parent?.opts(), ...command.parent?.opts(), ...options }));

  const program = new Command('gpuk8s-tui')
    .description('See within a second whether a GPU Kubernetes cluster came back after a reboot, and why not.')
    .version(info.version, '-V, --version', 'print the version and exit')
    .helpOption('-h, --help', 'print this help and exit')
    .helpCommand(false)
    // `check --demo` is check's own option, not the program's.
    .enablePositionalOptions();
  withConnection(program, scenarios)
    .addOption(new Option('--screen <name>', 'open this screen first').choices(tabs.map(({ id }) => id)))
    .option('--ascii', 'draw with ASCII characters only (environment: GPUK8S_TUI_ASCII)')
    .action(run((options: TuiOptions) => actions.tui(options)));

  withConnection(program.command('check').description('run the post-reboot checklist once and say whether everything came back'), scenarios)
    .addOption(output('text', 'json', 'junit', 'prometheus'))
    .option('--output-file <file>', 'write the report to this file, whole or not at all, instead of stdout')
    .option('--only <glob>', "only checks whose id matches, e.g. 'gpu-*'")
    .option('--wait <duration>', 'keep looking until the verdict is good, at most this long, e.g. 2m', milliseconds)
    .addOption(new Option('--fail-on <severity>', 'exit 1 from this severity on').choices(['critical', 'warning']).default('critical'))
    .addOption(new Option('--fix <risk>', 'show the plans of all fixes up to this risk; with --yes, run them').choices(['safe', 'disruptive']))
    .option('--yes', 'run what --fix plans')
    .option('--no-machines', 'ask the API server alone, and log in to no machine')
    .action(run((options: ConnectionOptions & CheckOptions) => actions.check(options)));

  withConnection(program.command('nodes').description('list the nodes with readiness, versions and GPUs'), scenarios)
    .addOption(output())
    .action(run((options: ConnectionOptions & { output: 'text' | 'json' }) => actions.nodes(options)));

  withConnection(program.command('targets').description("list Prometheus' scrape targets with their health"), scenarios)
    .addOption(output())
    .action(run((options: ConnectionOptions & { output: 'text' | 'json' }) => actions.targets(options)));

  withConnection(program.command('gpus').description('list the GPUs of the machines as nvidia-smi sees them'), scenarios)
    .addOption(output())
    .option('--nvidia-smi <file>', "read a saved 'nvidia-smi -q -x' (or --query-gpu CSV) instead of asking machines; - is stdin")
    .addOption(new Option('--watch [seconds]', 'print again and again (default: every 5 seconds)').preset(true).argParser(watchSeconds))
    .option('--accept-new-host-keys', 'accept host keys of machines never seen before; changed ones are refused all the same')
    .action(run((options: ConnectionOptions & GpusCommandOptions) => actions.gpus(options)));

  withConnection(program.command('latency').description('list how fast the inference services answer'), scenarios)
    .addOption(output())
    .addOption(new Option('--watch [seconds]', 'print again and again (default: every 5 seconds)').preset(true).argParser(watchSeconds))
    .action(run((options: ConnectionOptions & LatencyCommandOptions) => actions.latency(options)));

  withConnection(program.command('export').description('write load and latency over a span of time as a table'), scenarios)
    .addOption(new Option('--from <time>', 'first moment: 2026-11-02T14:00:00Z, or -24h').default({ agoMs: 3_600_000 }, '-1h').argParser(moment))
    .addOption(new Option('--to <time>', 'last moment').default({ agoMs: 0 }, 'now').argParser(moment))
    .addOption(new Option('--step <duration>', 'time between two rows').default(15_000, '15s').argParser(stepDuration))
    .addOption(new Option('--format <format>', 'how to write it').choices(['csv', 'json']).default('csv'))
    .option('--service <name...>', 'only these services, as namespace/app or app')
    .option('-o, --file <file>', 'write to this file instead of stdout')
    .option('--resume', 'go on with a file that a broken export left behind')
    .action(run((options: ConnectionOptions & ExportCommandOptions) => actions.export(options)));

  withConnection(program.command('scale').description('foretell how many replicas would run, and scale workloads'), scenarios)
    .argument('<object...>', 'KIND/NAME of a deployment, a statefulset or anything else with replicas')
    .requiredOption('--replicas <n>', 'how many pods there shall be', replicaNumber)
    .option('--pin-autoscaler', 'hold what scales it by itself at that number: KEDA is paused, an HPA gets it as its least and most')
    .option('--dry-run', 'only show what would come of it')
    .option('--yes', 'do it, and wait until it has come as foretold')
    .addOption(output())
    .action((objects: readonly string[], options: ConnectionOptions & ScaleCommandOptions, command: Command) =>
      run((all: ConnectionOptions & ScaleCommandOptions) => actions.scale(objects, all))(options, command),
    );

  const clean = program.command('clean').description('delete what only lies about').helpCommand(false);
  withConnection(clean.command('evicted').description('delete evicted pods, or the ended pods of another reason'), scenarios)
    .option('-A, --all-namespaces', "in all namespaces; else in -n NAME, or in the context's own")
    .option('--reason <reason>', "the reason for which they ended, as kubectl's STATUS column has it, e.g. Error or Completed", 'Evicted')
    .option('--older-than <duration>', 'only those that ended so long ago, e.g. 1h or 7d', spanOfTime)
    .option('--keep <n>', 'leave so many of each owner, those that ended last', wholeNumber)
    .option('--include-jobs', 'also pods of Jobs, which are their record')
    .addOption(output())
    .option('--dry-run', 'only show what would go')
    .option('--yes', 'delete them')
    .option('--confirm <context>', 'the name of the context, where pods would go that nothing makes anew')
    .action(run((options: ConnectionOptions & CleanEvictedOptions) => actions.cleanEvicted(options)));
  withConnection(clean.command('disk').description('win back disk space on a node, least harm first, until there is room enough'), scenarios)
    .argument('<node>', 'the node, or another machine that the settings name')
    .option('--only <stores>', 'only these, with commas between them, e.g. journal,apt', commaList)
    .option('--item <store=id...>', 'these pieces of stores whose pieces are chosen one by one, e.g. docker-images=sha256:…')
    .option('--target <percent>', 'how much is to be free, e.g. 30%; else twice what the kubelet evicts below', percentage)
    .option('--keep-journal <size>', 'what the journal keeps, e.g. 200Mi (default: 500Mi)')
    .option('--dry-run', 'only measure and show what would go')
    .option('--yes', 'do it, and tell what df says came of it')
    .option('--confirm <name>', "the node's name, where something goes that does not come back")
    .addOption(output())
    .action((node: string, options: ConnectionOptions & CleanDiskOptions, command: Command) =>
      run((all: ConnectionOptions & CleanDiskOptions) => actions.cleanDisk(node, all))(options, command),
    );

  const experiment = program.command('experiment').description('measure the same load on different numbers of replicas').helpCommand(false);
  withConnection(experiment.command('run').description('carry an experiment out, or go on with one that broke off'), scenarios)
    .argument('<file>', 'its YAML file')
    .option('--dry-run', 'only show what would be done, and what stands in its way')
    .option('--yes', 'do it')
    .option('--detach', 'with --yes: let it run without this terminal')
    .option('--repeat-phase', 'do the phase again in which it broke off')
    .action((file: string, options: ConnectionOptions & ExperimentRunOptions, command: Command) =>
      run((all: ConnectionOptions & ExperimentRunOptions) => actions.experimentRun(file, all))(options, command),
    );
  experiment
    .command('status')
    .description('show where experiments stand')
    .argument('[file]', 'its YAML file, or its name; all when left out')
    .addOption(output())
    .action((named: string | undefined, options: ExperimentStatusOptions, command: Command) =>
      run((all: ExperimentStatusOptions) => actions.experimentStatus(named, all))(options, command),
    );
  withConnection(experiment.command('stop').description('end an experiment and put the replicas back'), scenarios)
    .argument('<file>', 'its YAML file, or its name')
    .action((named: string, options: ConnectionOptions, command: Command) =>
      run((all: ConnectionOptions) => actions.experimentStop(named, all))(options, command),
    );

  const setup = program.command('setup').description('set machines and clusters up, step by step, and see what is done').helpCommand(false);
  setup
    .command('list')
    .description('list the profiles, the playbooks and their steps, your own among them')
    .addOption(output('text', 'json', 'names'))
    .action(run((options: SetupListOptions) => actions.setupList(options)));
  setup
    .command('show')
    .description('show what a profile, a playbook or a step does and why, with its variables and commands')
    .argument('<name>', 'its id')
    .addOption(output())
    .action((named: string, options: SetupShowOptions, command: Command) => run((all: SetupShowOptions) => actions.setupShow(named, all))(options, command));
  withHosts(withConnection(setup.command('status').description('look which steps are done on which hosts'), scenarios))
    .argument('[name]', 'a profile, a playbook or a step; what was chosen last when left out')
    .addOption(output())
    .action((named: string | undefined, options: ConnectionOptions & SetupStatusOptions, command: Command) =>
      run((all: ConnectionOptions & SetupStatusOptions) => actions.setupStatus(named, all))(options, command),
    );
  withHosts(withConnection(setup.command('plan').description('show what would be done, in order, or as a script to be run by hand'), scenarios))
    .argument('<name>', 'a profile, a playbook or a step')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json', 'script']))
    .addOption(new Option('-o, --output <format>', 'as --format').choices(['text', 'json']).hideHelp())
    .option('--no-look', 'log in to no host: without the state of each step')
    .action((named: string, options: ConnectionOptions & SetupPlanOptions, command: Command) =>
      run((all: ConnectionOptions & SetupPlanOptions) => actions.setupPlan(named, all))(options, command),
    );
  withHosts(withConnection(setup.command('run').description('do what is not done yet, and what it needs'), scenarios))
    .argument('<name>', 'a profile, a playbook or a step')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do it')
    .option('--confirm <cluster>', "the cluster's name, where something goes that does not come back")
    .option('--overwrite', 'write over files that were edited by hand')
    .addOption(output())
    .action((named: string, options: ConnectionOptions & SetupRunOptions, command: Command) =>
      run((all: ConnectionOptions & SetupRunOptions) => actions.setupRun(named, all))(options, command),
    );
  withHosts(withConnection(setup.command('undo').description('take a step back'), scenarios))
    .argument('<step>', 'its id')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do it')
    .option('--confirm <cluster>', "the cluster's name, where something goes that does not come back")
    .action((step: string, options: ConnectionOptions & SetupUndoOptions, command: Command) =>
      run((all: ConnectionOptions & SetupUndoOptions) => actions.setupUndo(step, all))(options, command),
    );

  program
    .command('journal')
    .description('print what was done from here, with plans, results and how to take it back')
    .addOption(output('text', 'json', 'markdown'))
    .option('--since <duration>', 'only the last so long, e.g. 24h or 7d', milliseconds)
    .option('--context <name>', 'only what was done in this context')
    .action(run((options: JournalCommandOptions) => actions.journal(options)));

  program
    .command('demo')
    .description('run a demo cluster on loopback until ctrl-c, and print its addresses as one line of JSON')
    .addOption(new Option('--scenario <name>', 'what happens in it').choices([...scenarios]).default('healthy'))
    .option('--pods <n>', 'evictions: how many evicted pods; else: how many living pods', wholeNumber)
    .option('--nodes <n>', 'how many nodes', wholeNumber)
    .option('--churn <n>', 'changes of pods per second', wholeNumber)
    .option('--hung-hosts <n>', 'how many machines take SSH connections and never answer', wholeNumber)
    .option('--prometheus <url>', 'put this Prometheus behind the service proxy instead of the built-in one', httpUrl)
    .option('--kubeconfig-out <file>', 'write a kubeconfig for it (contexts demo and demo-viewer)')
    .option('--ssh-config-out <file>', 'write an ssh_config for its machines, with key and known hosts beside it')
    .action(run((options: Parameters<Actions['demo']>[0]) => actions.demo(options)));

  program
    .command('completion')
    .description('print a completion script for the shell')
    .addArgument(program.createArgument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => finished(await actions.completion(shell)));

  return program;
}

/** Adds the options that say which cluster, and how to treat it. */
function withConnection(command: Command, scenarios: readonly string[]): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig (environment: GPUK8S_TUI_CONTEXT)')
    .option('--kubeconfig <file>', 'kubeconfig to use instead of KUBECONFIG or ~/.kube/config')
    .option('-n, --namespace <name>', 'namespace to look at first')
    .addOption(
      new Option('--demo [scenario]', `start a demo cluster in this process and connect to it: ${scenarios.join(', ')}`)
        .preset(true)
        .argParser((name) => scenario(name, scenarios)),
    )
    .option(
      '--prometheus <url>',
      'Prometheus to ask, instead of one found in the cluster; or namespace/service:port (environment: GPUK8S_TUI_PROMETHEUS)',
      prometheusPlace,
    )
    .option('--read-only', 'offer nothing that changes anything (environment: GPUK8S_TUI_READ_ONLY)')
    .option('--refresh <seconds>', 'how often to ask what can only be polled (default: 15)', refreshSeconds)
    .option('--debug', 'print stack traces with errors');
}

/** Adds the options that say what is set up where. */
function withHosts(command: Command): Command {
  return command
    .option('--host <host>', 'NAME=ADDRESS:ROLE,ROLE of a host, for each; or only the NAME of one that is known, for it alone', hostWords)
    .option('--inventory <file>', 'YAML file with cluster, hosts (name, address, roles) and values')
    .option('--cluster <name>', 'name of the cluster, which need not be there yet')
    .option('--set <name=value>', 'a variable, for each; secrets are asked for, or taken from the environment (GPUK8S_SETUP_NAME)', valueWords)
    .addOption(new Option('--kubectl <place>', 'where kubectl runs').choices(['here', 'first-control-plane']))
    .option('--accept-new-host-keys', 'accept host keys of machines never seen before; changed ones are refused all the same');
}
