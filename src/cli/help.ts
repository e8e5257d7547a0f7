import type { Command, Option } from 'commander';
import { wrap } from '../text/width.js';

/** The help of a command as a manual page: name, synopsis, options, commands; for the program itself also exit codes, environment, files, examples. */
export function manualPage(command: Command, columns: number): string {
  const width = Math.max(40, Math.min(columns, 100));
  const sections = [
    section('NAME', [`${fullName(command)} - ${command.description()}`], width),
    section('SYNOPSIS', synopsis(command), width),
    command.commands.length > 0
      ? table(
          'COMMANDS',
          command.commands.map((sub) => [signature(sub), sub.description()] as const),
          width,
        )
      : '',
    table(
      'OPTIONS',
      command
        .createHelp()
        .visibleOptions(command)
        .map((option) => [option.flags, describe(option)] as const),
      width,
    ),
    command.parent === null ? programSections(width) : section('SEE ALSO', ['gpuk8s-tui --help for exit codes, environment and files'], width),
  ];
  return `${sections.filter((text) => text !== '').join('\n')}`;
}

function programSections(width: number): string {
  return [
    table(
      'EXIT STATUS',
      [
        ['0', 'good; for the app: left with q'],
        ['1', 'a check failed (with --fail-on warning: or warned), or the command failed'],
        ['2', 'could not look: no kubeconfig, unreachable or refusing API server, wrong arguments'],
      ],
      width,
    ),
    table(
      'ENVIRONMENT',
      [
        ['KUBECONFIG', 'kubeconfig files, joined by colons, as kubectl reads them'],
        ['GPUK8S_TUI_CONTEXT', 'context to use when --context is not given'],
        ['GPUK8S_TUI_PROMETHEUS', 'URL of the Prometheus to ask'],
        ['GPUK8S_TUI_PROMETHEUS_TOKEN', 'bearer token for the Prometheus at that URL'],
        ['GPUK8S_TUI_PROMETHEUS_CA', 'PEM file with the authorities that sign its certificate'],
        ['GPUK8S_TUI_READ_ONLY', 'set to 1 for --read-only'],
        ['GPUK8S_TUI_ASCII', 'set to 1 for --ascii'],
        ['GPUK8S_SETUP_NAME', 'the secret NAME of guided setup, which is asked for otherwise'],
        ['NO_COLOR', 'set to anything for no colours'],
      ],
      width,
    ),
    table(
      'FILES',
      [
        ['~/.kube/config', 'the kubeconfig'],
        ['~/.config/gpuk8s-tui/config.json', 'settings (XDG_CONFIG_HOME)'],
        ['~/.config/gpuk8s-tui/runbooks/', 'playbooks of your own, with profiles/ and manifests/'],
        ['~/.local/state/gpuk8s-tui/journal.jsonl', 'the journal of what was done from here (XDG_STATE_HOME)'],
        ['~/.cache/gpuk8s-tui/', 'compiled code, safe to remove (XDG_CACHE_HOME)'],
      ],
      width,
    ),
    table(
      'EXAMPLES',
      [
        ['gpuk8s-tui --context lab', 'open the app on the cluster of context lab'],
        ['gpuk8s-tui --demo gpu-lost', 'look at a demo cluster that lost its GPUs'],
        ['gpuk8s-tui check --wait 5m', 'after a reboot: wait until everything is back'],
        ['gpuk8s-tui check --fix safe', 'show what would mend it; with --yes, do it'],
        ['gpuk8s-tui setup status', 'which steps of the setup are done on which hosts'],
        ['gpuk8s-tui journal -o markdown', 'what was done from here, as a technical journal'],
        ['gpuk8s-tui', 'without a terminal (cron, CI): the same as check'],
      ],
      width,
    ),
  ].join('\n');
}

function synopsis(command: Command): readonly string[] {
  if (command.commands.length === 0) return [`${fullName(command)} ${command.usage()}`];
  const name = fullName(command);
  return command.parent === null ? [`${name} [options]`, `${name} COMMAND [options]`] : [`${name} COMMAND [options]`];
}

function signature(command: Command): string {
  return [command.name(), ...command.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' ');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function describe(option: Option): string {
  const listed = option.argChoices !== undefined ? [`one of ${option.argChoices.join(', ')}`] : [];
  const standard = option.defaultValue !== undefined ? [`default ${String(option.defaultValue)}`] : [];
  const notes = [...listed, ...standard].join('; ');
  return notes === '' ? option.description : `${option.description} (${notes})`;
}

function section(title: string, paragraphs: readonly string[], width: number): string {
  const lines = paragraphs.flatMap((paragraph) => wrap(paragraph, width - 7).map((text) => `       ${text}`));
  return `${title}\n${lines.join('\n')}\n`;
}

function table(title: string, rows: readonly (readonly [string, string])[], width: number): string {
  const indent = 7;
  const first = Math.min(34, Math.max(...rows.map(([term]) => term.length)) + 2);
  const lines = rows.flatMap(([term, meaning]) => {
    const [head = '', ...rest] = wrap(meaning, width - indent - first);
    const opening = term.length > first - 2 ? [term, `${' '.repeat(first)}${head}`] : [`${term.padEnd(first)}${head}`];
    return [...opening, ...rest.map((text) => `${' '.repeat(first)}${text}`)].map((text) => `${' '.repeat(indent)}${text}`);
  });
  return `${title}\n${lines.join('\n')}\n`;
}
