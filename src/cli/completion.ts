import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A completion script for the shell, made from the command table. Contexts are asked of kubectl when Tab is pressed, as they change. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = [program, ...program.commands].flatMap((command) => [
    described(command),
    ...(command.parent === null ? [] : command.commands.map(described)),
  ]);
  switch (shell) {
    case 'bash':
      return bashScript(program.name(), commands);
    case 'zsh':
      return zshScript(program.name(), commands);
    case 'fish':
      return fishScript(program.name(), commands);
  }
}

interface DescribedCommand {
  /** '' for the program itself; `setup plan` for a command of a command. */
  readonly name: string;
  readonly summary: string;
  readonly words: readonly string[];
  /** Its argument is a profile, a playbook or a step, which the program itself is asked for. */
  readonly takesSetup: boolean;
  readonly options: readonly DescribedOption[];
}

interface DescribedOption {
  readonly long: string;
  readonly short: string | null;
  readonly summary: string;
  readonly takesValue: boolean;
  /** Words to offer for the value; 'files' and 'contexts' are asked of the shell and of kubectl. */
  readonly values: readonly string[] | 'files' | 'contexts' | null;
}

function described(command: Command): DescribedCommand {
  return {
    name: fullName(command),
    summary: command.description(),
    words: [
      ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
      ...(command.parent === null ? [] : command.commands.map((sub) => sub.name())),
    ],
    takesSetup: command.parent?.name() === 'setup' && command.registeredArguments.length > 0,
    options: command.createHelp().visibleOptions(command).map(describedOption),
  };
}

function fullName(command: Command): string {
  if (command.parent === null) return '';
  return `${fullName(command.parent)} ${command.name()}`.trim();
}

function describedOption(option: Option): DescribedOption {
  return {
    long: option.long ?? option.flags,
    short: option.short ?? null,
    summary: option.description,
    takesValue: option.required || option.optional,
    values: option.argChoices ?? (/<file>/.test(option.flags) ? 'files' : option.long === '--context' ? 'contexts' : scenarioWords(option)),
  };
}

/** --demo takes a scenario or nothing, which commander's choices cannot say; the names stand after the colon of its description. */
function scenarioWords(option: Option): readonly string[] | null {
  return option.long === '--demo' ? (option.description.split(': ')[1]?.split(', ') ?? null) : null;
}

const contextsCommand = 'kubectl config get-contexts --output name 2>/dev/null';

function setupCommand(program: string): string {
  return `${program} setup list --output names 2>/dev/null`;
}

/** The commands of the program itself, and those of each of them. */
function isTop({ name }: DescribedCommand): boolean {
  return name !== '' && !name.includes(' ');
}

function ownCommands(of: string, commands: readonly DescribedCommand[]): readonly DescribedCommand[] {
  return commands.filter(({ name }) => name.startsWith(`${of} `));
}

function bashScript(program: string, commands: readonly DescribedCommand[]): string {
  const cases = commands.map(({ name, words, options, takesSetup }) => {
    const all = [...(name === '' ? commands.filter(isTop).map((command) => command.name) : words), ...options.flatMap(optionWords)];
    const names = takesSetup ? `; [[ $current == -* ]] || words="$words $(${setupCommand(program)})"` : '';
    return `    ${quote(name)}) words=${quote(all.join(' '))}${names} ;;`;
  });
  // The same option may take other values in another command.
  const valued = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const reply = bashValues(option);
      const words = optionWords(option).map((word) => quote(`${name} ${word}`));
      return reply === null ? [] : [`    ${words.join('|')}) ${reply}; return ;;`];
    }),
  );
  return `# bash completion for ${program}: source it, or save it in /etc/bash_completion.d/
_${identifier(program)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' word words
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      ${commands.flatMap(({ name }) => (name === '' ? [] : [quote(name.includes(' ') ? name : ` ${name}`)])).join('|')}) command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $previous" in
${valued.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _${identifier(program)} ${program}
`;
}

function bashValues({ values, takesValue }: DescribedOption): string | null {
  if (values === 'files') return 'mapfile -t COMPREPLY < <(compgen -f -- "$current")';
  if (values === 'contexts') return `mapfile -t COMPREPLY < <(compgen -W "$(${contextsCommand})" -- "$current")`;
  if (values !== null) return `mapfile -t COMPREPLY < <(compgen -W ${quote(values.join(' '))} -- "$current")`;
  return takesValue ? ':' : null;
}

function zshScript(program: string, commands: readonly DescribedCommand[]): string {
  const subcommands = commands.filter(isTop);
  const argumentsOf = ({ words, options, takesSetup }: DescribedCommand) => {
    const values = takesSetup ? [quote(`1:name:_${identifier(program)}_setup`)] : words.length > 0 ? [quote(`1:value:(${words.join(' ')})`)] : [];
    return `_arguments ${[...options.map(zshOption), ...values].join(' ')}`;
  };
  const branches = subcommands.map((command) => {
    const own = ownCommands(command.name, commands);
    if (own.length === 0) return `        ${command.name}) ${argumentsOf(command)} ;;`;
    const inner = own.map((sub) => `          ${sub.name.split(' ')[1] ?? ''}) shift words; (( CURRENT-- )); ${argumentsOf(sub)} ;;`);
    return `        ${command.name}) if (( CURRENT == 2 )); then compadd ${command.words.join(' ')}; else case $words[2] in\n${inner.join('\n')}\n        esac; fi ;;`;
  });
  const root = commands.find(({ name }) => name === '');
  return `#compdef ${program}
# zsh completion for ${program}: save it as _${program} in a folder of $fpath
_${identifier(program)}_contexts() { compadd -- \${(f)"$(${contextsCommand})"} }
_${identifier(program)}_setup() { compadd -- \${(f)"$(${setupCommand(program)})"} }
_${identifier(program)}() {
  local context state line
  _arguments -C ${(root?.options ?? []).map(zshOption).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands=(${subcommands.map(({ name, summary }) => quote(`${name}:${summary}`)).join(' ')})
      _describe command commands ;;
    argument)
      case $line[1] in
${branches.join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = "_${program}" ]; then _${identifier(program)} "$@"; else compdef _${identifier(program)} ${program}; fi
`;
}

function zshOption(option: DescribedOption): string {
  const { long, summary, takesValue, values } = option;
  const action = values === 'files' ? '_files' : values === 'contexts' ? '_gpuk8s_tui_contexts' : values === null ? '' : `(${values.join(' ')})`;
  return quote(`${long}[${summary.replaceAll(/[[\]:]/g, ' ')}]${takesValue ? `:value:${action}` : ''}`);
}

function fishScript(program: string, commands: readonly DescribedCommand[]): string {
  const names = commands.filter(isTop).map(({ name }) => name);
  const lines = commands.flatMap((command) => {
    const { name, summary, words, options, takesSetup } = command;
    const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const own = name === '' ? [] : ownCommands(name, commands).map((sub) => sub.name.split(' ')[1] ?? '');
    const condition =
      name === ''
        ? `not __fish_seen_subcommand_from ${names.join(' ')}`
        : [...seen, ...(own.length > 0 ? [`not __fish_seen_subcommand_from ${own.join(' ')}`] : [])].join('; and ');
    const prefix = `complete -c ${program} -n ${quote(condition)}`;
    return [
      ...(isTop(command) ? [`complete -c ${program} -n '__fish_use_subcommand' -f -a ${name} -d ${quote(summary)}`] : []),
      ...(takesSetup ? [`${prefix} -f -a ${quote(`(${setupCommand(program)})`)}`] : []),
      ...(words.length > 0 ? [`${prefix} -f -a ${quote(words.join(' '))}`] : []),
      ...options.map((option) => `${prefix} ${fishOption(option)}`),
    ];
  });
  return `# fish completion for ${program}: save it as ~/.config/fish/completions/${program}.fish\n${lines.join('\n')}\n`;
}

function fishOption({ long, short, summary, takesValue, values }: DescribedOption): string {
  const names = `-l ${long.replace(/^--/, '')}${short === null ? '' : ` -s ${short.replace(/^-/, '')}`}`;
  const value =
    values === 'files'
      ? ' -r -F'
      : values === 'contexts'
        ? ` -x -a ${quote(`(${contextsCommand})`)}`
        : values !== null
          ? ` -x -a ${quote(values.join(' '))}`
          : takesValue
            ? ' -x'
            : ' -f';
  return `${names}${value} -d ${quote(summary)}`;
}

function optionWords({ long, short }: DescribedOption): readonly string[] {
  return short === null ? [long] : [short, long];
}

function identifier(program: string): string {
  return program.replaceAll('-', '_');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
