import { execFileSync } from 'node:child_process';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import type { Actions } from '../../src/cli/actions.js';
import { completionScript } from '../../src/cli/completion.js';
import { manualPage } from '../../src/cli/help.js';
import { createProgram } from '../../src/cli/program.js';

/** A program whose commands only record what they were asked. */
function aProgram() {
  const calls: unknown[][] = [];
  const record =
    (name: string) =>
    (...args: unknown[]) => {
      calls.push([name, ...args]);
      return Promise.resolve(0);
    };
  const actions: Actions = {
    tui: record('tui'),
    check: record('check'),
    nodes: record('nodes'),
    targets: record('targets'),
    gpus: record('gpus'),
    latency: record('latency'),
    export: record('export'),
    cleanEvicted: record('cleanEvicted'),
    cleanDisk: record('cleanDisk'),
    experimentRun: record('experimentRun'),
    experimentStatus: record('experimentStatus'),
    experimentStop: record('experimentStop'),
    journal: record('journal'),
    scale: record('scale'),
    setupList: record('setupList'),
    setupShow: record('setupShow'),
    setupStatus: record('setupStatus'),
    setupPlan: record('setupPlan'),
    setupRun: record('setupRun'),
    setupUndo: record('setupUndo'),
    demo: record('demo'),
    completion: record('completion'),
  };
  const program = createProgram({ version: '1.2.3' }, ['healthy', 'gpu-lost'], actions, () => undefined);
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command.exitOverride().configureOutput({ outputError: () => undefined, writeOut: () => undefined });
  return { program, calls, run: (...argv: string[]) => program.parseAsync(argv, { from: 'user' }) };
}

describe('the command line', () => {
  it('opens the app without a command', async () => {
    const { calls, run } = aProgram();
    await run('--context', 'lab', '--screen', 'nodes', '--read-only');
    expect(calls).toEqual([['tui', { context: 'lab', screen: 'nodes', readOnly: true }]]);
  });

  it('takes the demo scenario as an optional value', async () => {
    const { calls, run } = aProgram();
    await run('--demo');
    await run('check', '--demo', 'gpu-lost', '--output', 'json');
    expect(calls).toEqual([
      ['tui', { demo: true }],
      ['check', { demo: 'gpu-lost', output: 'json', failOn: 'critical', machines: true }],
    ]);
  });

  it('counts what is said before a command for the command', async () => {
    const { calls, run } = aProgram();
    await run('--context', 'lab', 'nodes', '--output', 'json');
    expect(calls).toEqual([['nodes', { context: 'lab', output: 'json' }]]);
  });

  it('knows what check and journal can do', async () => {
    const { calls, run } = aProgram();
    await run('check', '--output', 'prometheus', '--output-file', 'gpuk8s.prom', '--fix', 'safe', '--yes', '--no-machines');
    await run('journal', '--since', '7d', '--context', 'lab', '-o', 'markdown');
    expect(calls).toEqual([
      ['check', { output: 'prometheus', outputFile: 'gpuk8s.prom', failOn: 'critical', fix: 'safe', yes: true, machines: false }],
      ['journal', { since: 604_800_000, context: 'lab', output: 'markdown' }],
    ]);
  });

  it('reads hosts and values for guided setup, each as often as it is given', async () => {
    const { calls, run } = aProgram();
    await run(
      'setup',
      'run',
      'lab',
      '--host',
      'cp-1=10.0.0.1:control-plane,gpu',
      '--host',
      'gpu-1=fd00::1',
      '--host',
      'gpu-2=[fd00::2]:gpu',
      '--set',
      'A=b=c',
      '--set',
      'D=',
    );
    await run('setup', 'status', '--host', 'gpu-1', '--demo');
    expect(calls).toEqual([
      [
        'setupRun',
        'lab',
        {
          output: 'text',
          host: [
            { name: 'cp-1', host: { name: 'cp-1', address: '10.0.0.1', roles: ['control-plane', 'gpu'] } },
            { name: 'gpu-1', host: { name: 'gpu-1', address: 'fd00::1', roles: [] } },
            { name: 'gpu-2', host: { name: 'gpu-2', address: 'fd00::2', roles: ['gpu'] } },
          ],
          set: { A: 'b=c', D: '' },
        },
      ],
      ['setupStatus', undefined, { output: 'text', host: [{ name: 'gpu-1', host: null }], demo: true }],
    ]);
  });

  it('reads durations as people write them', async () => {
    const { calls, run } = aProgram();
    await run('check', '--wait', '1h30m');
    expect(calls[0]?.[1]).toMatchObject({ wait: 5_400_000 });
  });

  it.each([
    [['chekc'], /too many arguments/],
    [['--demo', 'bogus'], /there are healthy, gpu-lost/],
    [['check', '--wait', 'soon'], /give a duration such as 90s, 2m or 1h30m/],
    [['check', '--fix', 'destructive'], /Allowed choices are safe, disruptive/],
    [['check', '--output', 'yaml'], /Allowed choices are text, json, junit, prometheus/],
    [['--refresh', '0'], /give a number of seconds, 1 or more/],
    [['--prometheus', 'prometheus.lab'], /give an http or https URL/],
    [['demo', '--pods', 'many'], /give a whole number/],
    [['--screen', 'cockpit'], /Allowed choices are overview/],
    [
      ['setup', 'run', 'lab', '--host', 'cp-1=10.0.0.1:master'],
      /there is no role "master": there are control-plane, gpu, worker, load-balancer, nfs-server, build/,
    ],
    [['setup', 'run', 'lab', '--host', 'CP_1=10.0.0.1'], /"CP_1" cannot be the name of a host/],
    [['setup', 'run', 'lab', '--host', 'cp-1=-oProxyCommand=id'], /"-oProxyCommand=id" is no address/],
    [['setup', 'run', 'lab', '--host', 'a=10.0.0.1', '--host', 'a=10.0.0.2'], /the host a is given twice/],
    [['setup', 'run', 'lab', '--set', 'podCidr=1'], /give NAME=VALUE, for example POD_CIDR=10.244.0.0\/16/],
  ])('refuses %j with a sentence', async (argv, sentence) => {
    await expect(aProgram().run(...argv)).rejects.toThrow(sentence);
    await expect(aProgram().run(...argv)).rejects.toBeInstanceOf(CommanderError);
  });

  it('prints help as a manual page that fits the terminal', () => {
    const page = manualPage(aProgram().program, 80);
    for (const title of ['NAME', 'SYNOPSIS', 'COMMANDS', 'OPTIONS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES'])
      expect(page).toMatch(new RegExp(`^${title}$`, 'm'));
    expect(Math.max(...page.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

describe('shell completion', () => {
  const complete = (words: readonly string[]) => {
    const script = `${completionScript(aProgram().program, 'bash')}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}\n_gpuk8s_tui; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  };

  it('offers commands, then their options, then the values of an option', () => {
    expect(complete(['gpuk8s-tui', 'ch'])).toEqual(['check']);
    expect(complete(['gpuk8s-tui', 'check', '--wa'])).toEqual(['--wait']);
    expect(complete(['gpuk8s-tui', 'nodes', '--output', ''])).toEqual(['text', 'json']);
    expect(complete(['gpuk8s-tui', 'journal', '-o', 'm'])).toEqual(['markdown']);
    expect(complete(['gpuk8s-tui', '--demo', 'g'])).toEqual(['gpu-lost']);
    expect(complete(['gpuk8s-tui', 'completion', 'z'])).toEqual(['zsh']);
    expect(complete(['gpuk8s-tui', 'setup', 'p'])).toEqual(['plan']);
    expect(complete(['gpuk8s-tui', 'setup', 'plan', '--inv'])).toEqual(['--inventory']);
    expect(complete(['gpuk8s-tui', 'setup', 'plan', '--format', ''])).toEqual(['text', 'json', 'script']);
    expect(complete(['gpuk8s-tui', 'clean', 'disk', '--tar'])).toEqual(['--target']);
  });

  it.each(['zsh', 'fish'] as const)('names every command and long option for %s', (shell) => {
    const { program } = aProgram();
    const script = completionScript(program, shell);
    for (const command of program.commands) {
      expect(script).toContain(command.name());
      for (const option of command.options) expect(script).toContain(shell === 'fish' ? `-l ${option.long?.slice(2)}` : option.long);
    }
  });
});
