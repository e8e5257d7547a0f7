import { describe, expect, it } from 'vitest';
import { summarise } from '../../src/runbooks/load.js';
import { catalogueOf, ownCatalogue, playbook, problemsOf, swap } from './runbook-folder.js';

const ours = { 'runbooks/swap.yaml': swap };

/** Each problem with the text that stands at its place, so that `FILE:LINE:COLUMN` is seen to be right. */
function told(files: Readonly<Record<string, string>>): readonly string[] {
  return problemsOf(files).map((problem) => {
    const [, file = '', line = '', column = '', sentence = ''] = /^(.+?):(\d+):(\d+): (.*)$/.exec(problem) ?? [];
    const at = files[file]?.split('\n')[Number(line) - 1]?.slice(Number(column) - 1) ?? '';
    return `${file} at ${/^["'[{]*[^\s"'\]},:]*/.exec(at)?.[0]}: ${sentence}`;
  });
}

describe('reading playbooks', () => {
  it('finds nothing wrong with the playbooks of the program', () => {
    const { playbooks, problems } = ownCatalogue();
    expect(problems).toEqual([]);
    expect(playbooks.map(({ id }) => id)).toContain('host-prep');
  });

  it('fills in what a file leaves out, and reads spans of time', () => {
    const [step] = catalogueOf(ours).playbooks[0]?.steps ?? [];
    expect(step).toMatchObject({ patienceMs: 90_000, timeoutMs: 150_000, verify: null, undo: null, serial: false, reboots: false, needs: [], variables: {} });
  });

  it('gives each step the variables that it names, with their types', () => {
    const own = {
      'mine.yaml': playbook('mine', { one: 'check: echo "$POD_CIDR"\nfiles: [{name: a, template: a.conf}]', two: 'when: {CNI: [calico]}' }),
      'manifests/a.conf': `token = \${JOIN_TOKEN}\n`,
    };
    const [, mine] = catalogueOf(ours, own).playbooks;
    expect(mine?.steps.map(({ variables }) => variables)).toEqual([{ POD_CIDR: 'cidr', JOIN_TOKEN: 'text' }, { CNI: 'choice' }]);
  });

  it("lists a person's own playbooks after the program's, with their files", () => {
    const own = {
      'tuning.yaml': playbook('tuning', { 'huge-pages': 'needs: [swap-off]' }),
      'profiles/mine.yaml': 'id: mine\ntitle: Mine\nabout: Both.\nplaybooks: [swap, tuning]\n',
    };
    const { playbooks, profiles, problems } = summarise(catalogueOf(ours, own));
    expect(problems).toEqual([]);
    expect(playbooks.map(({ id, file }) => [id, file?.split('/').at(-1) ?? null])).toEqual([
      ['swap', null],
      ['tuning', 'tuning.yaml'],
    ]);
    expect(profiles).toEqual([{ id: 'mine', title: 'Mine', about: 'Both.', playbooks: ['swap', 'tuning'], hosts: [] }]);
  });

  it('is content where a person has no folder of playbooks', () => {
    expect(catalogueOf(ours, {}).problems).toEqual([]);
  });

  it("throws what is wrong with the program's own, with its place", () => {
    expect(() => catalogueOf({ 'runbooks/swap.yaml': swap.replace('check:', 'chekc:') })).toThrow(
      'The program\'s own playbooks cannot be used. runbooks/swap.yaml:10:5: there is no "chekc" here: is "check" meant?',
    );
  });

  it("leaves out a person's playbook that is wrong, and loads the others", () => {
    const catalogue = catalogueOf(ours, { 'a.yaml': 'id: a\n', 'b.yaml': playbook('b', { 'b-one': '' }) });
    expect(catalogue.playbooks.map(({ id }) => id)).toEqual(['swap', 'b']);
    expect(catalogue.problems.length).toBe(3);
  });

  it('leaves out what needs a playbook that was left out', () => {
    const own = { 'a.yaml': playbook('a', { first: 'needs: [nowhere]' }), 'b.yaml': playbook('b', { 'b-one': 'needs: [first]' }) };
    expect(told(own)).toEqual([
      'a.yaml at nowhere: first needs "nowhere", which no playbook has',
      'b.yaml at first: b-one needs "first", which no playbook has',
    ]);
  });

  it("never takes a person's template for one of the program", () => {
    const files = { 'runbooks/swap.yaml': `${swap}    files: [{name: a, template: a.conf}]\n`, 'manifests/a.conf': 'of the program\n' };
    expect(catalogueOf(files, { 'manifests/a.conf': 'of a person\n' }).template('a.conf')).toBe('of the program\n');
  });
});

describe('a playbook with a mistake in its YAML', () => {
  const mistaken = (from: string, to: string) =>
    told({ 'mine.yaml': playbook('mine', { one: 'needs: [swap-off]\nfiles: [{name: a, template: a}]' }).replace(from, to), 'manifests/a': '' });

  it('is told with line and column', () => {
    const [problem] = problemsOf({ 'mine.yaml': 'id: mine\nsteps: [a, b\nabout: it\n' });
    expect(problem).toMatch(/^mine\.yaml:3:1: this is not YAML: /);
  });

  it.each([
    ['    needs', '\tneeds', /at \tneeds: this is not YAML: .*tab/i],
    ['about: For a test.', 'about: For a test.\nabout: Again.', /at about: this is not YAML: Map keys must be unique/],
    ['about: For a test.', 'about: !secret x', /at !secret: this is not YAML: Unresolved tag/],
  ])('%s → %s', (from, to, sentence) => {
    expect(mistaken(from, to)[0]?.replace('at :', 'at \tneeds:')).toMatch(sentence);
  });

  it.each([
    ['risk: safe', 'risk: saef', 'saef: "saef" is none of safe, disruptive, destructive, needs-reboot: is "safe" meant?'],
    ['risk: safe', 'risk: disruptve', 'disruptve: "disruptve" is none of safe, disruptive, destructive, needs-reboot: is "disruptive" meant?'],
    ['on: [all]', 'on: all', 'all: "on" should be a list'],
    [
      'on: [all]',
      'on: [gpus]',
      'gpus: "gpus" is none of all, control-plane, first-control-plane, other-control-planes, gpu, worker, load-balancer, nfs-server, build, cluster: is "gpu" meant?',
    ],
    ['on: [all]', 'on: [cluster, gpu]', '[cluster: "on" has cluster and something else: a step is done on hosts or in the cluster'],
    ['needs: [swap-off]', 'needz: [swap-off]', 'needz: there is no "needz" here: is "needs" meant?'],
    ['needs: [swap-off]', 'needs: [swap-of]', 'swap-of: one needs "swap-of", which no playbook has: is "swap-off" meant?'],
    ['needs: [swap-off]', 'needs: [swap-off, swap-off]', '[swap-off: "needs" has the same twice'],
    ['needs: [swap-off]', 'mends: [swap-onn]', 'swap-onn: there is no failure signature "swap-onn": is "swap-on" meant?'],
    ['needs: [swap-off]', 'patience: soon', 'soon: "soon" should be a duration such as 90s or 15m'],
    ['needs: [swap-off]', 'serial: "yes"', '"yes: "serial" should be true or false'],
    ['needs: [swap-off]', 'when: {CNI: [1]}', `1: entry 1 of "CNI" should be text: put it in quotes ('1')`],
    ['needs: [swap-off]', 'when: {CNY: [calico]}', 'CNY: there is no variable CNY: is "CNI" meant?'],
    ['needs: [swap-off]', 'when: {CNI: [cilium]}', 'cilium: "cilium" is none of calico, flannel.'],
    ['needs: [swap-off]', 'when: {JOIN_TOKEN: [a]}', 'JOIN_TOKEN: JOIN_TOKEN is a secret: no step can depend on what it is'],
    ['id: one', 'id: One', 'One: "One" should be lower-case words with hyphens between them'],
    ['id: mine', 'id: swap', 'swap: there is a playbook "swap" already'],
    ['about: For a test.\n', '', 'id: "about" is missing'],
    ["    check: 'true'\n", '', 'id: "check" is missing in entry 1 of "steps"'],
    ['template: a}', 'template: b}', 'b: there is no template manifests/b'],
    ['template: a}', 'template: ../a}', '../a: "../a" should be the name of a file, without a folder'],
    ['template: a}]', 'template: a}, {name: a, template: a}]', 'a: one has two files with the name a'],
    ['about: For a test.', 'about: For a test.\nconflicts: [swop]', 'swop: there is no playbook "swop": is "swap" meant?'],
  ])('%s → %s', (from, to, sentence) => {
    expect(mistaken(from, to)).toEqual([`mine.yaml at ${sentence}`]);
  });

  it('is told a step that there is already, in its own file or in another', () => {
    expect(told({ 'mine.yaml': playbook('mine', { 'swap-off': '' }) })).toEqual(['mine.yaml at swap-off: there is a step "swap-off" already']);
    const twice = playbook('mine', { one: '', two: '' }).replace('id: two', 'id: one');
    expect(told({ 'mine.yaml': twice })).toEqual(['mine.yaml at one: there is a step "one" already']);
  });

  it('does not fill the memory with what is named a thousand times', () => {
    const rows = [...'bcdefghi'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`);
    expect(problemsOf({ 'mine.yaml': ['a: &a [x,x,x,x,x,x,x,x,x]', ...rows].join('\n') })).toEqual([
      'mine.yaml:1:1: this cannot be read: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });
});

describe('a playbook with steps in a circle', () => {
  it('is left out, with the steps named', () => {
    const circle = playbook('mine', { a: 'needs: [c]', b: 'needs: [a]', c: 'needs: [b]' });
    expect(told({ 'mine.yaml': circle })).toEqual(['mine.yaml at needs: these steps need each other in a circle: a needs c needs b needs a']);
  });

  it('is told where a step needs itself', () => {
    expect(told({ 'mine.yaml': playbook('mine', { a: 'needs: [a]' }) })).toEqual(['mine.yaml at needs: these steps need each other in a circle: a needs a']);
  });

  it('is found across two files', () => {
    const own = { 'x.yaml': playbook('x', { 'x-one': 'needs: [y-one]' }), 'y.yaml': playbook('y', { 'y-one': 'needs: [x-one]' }) };
    expect(problemsOf(own).map((problem) => problem.slice(0, 6))).toEqual(['x.yaml', 'y.yaml']);
  });
});

describe('a variable that there is not', () => {
  const script = (lines: string, more = '') => told({ 'mine.yaml': playbook('mine', { one: `check: |\n${lines.replace(/^/gm, '  ')}` }, more) });
  const unknown = (name: string) => `mine.yaml at ${name}: there is no variable ${name}`;

  it('is told with its place in the script', () => {
    expect(script('echo hello\necho "net $POD_CIDRR"')).toEqual([`${unknown('POD_CIDRR')}: is "POD_CIDR" meant?`]);
  });

  it('is told in a template', () => {
    const own = {
      'mine.yaml': playbook('mine', { one: 'files: [{name: a, template: a.conf}]' }),
      'manifests/a.conf': `net = \${POD_CIDER}\nfree = $HOME \${home} \${datasource.name}\n`,
    };
    expect(told(own)).toEqual(['mine.yaml at a.conf: in manifests/a.conf, there is no variable POD_CIDER: is "POD_CIDR" meant?']);
  });

  it('is none where the script, bash, the prelude or the playbook set it', () => {
    expect(
      script('COUNT=1; for ITEM in a; do echo "$COUNT $ITEM"; done\nread -r LINE < <(date); echo "$LINE $RANDOM $PIPESTATUS $BACKUPS $NODE_NAME"'),
    ).toEqual([]);
    expect(script(`echo "$MINE \${#MINE}"`, 'variables: {MINE: {title: Mine, help: Mine., type: text}}\n')).toEqual([]);
    expect(script('. /etc/os-release\necho "$VERSION_CODENAME"')).toEqual([]);
    expect(script('echo "$VERSION_CODENAME"')).toEqual([unknown('VERSION_CODENAME')]);
  });

  it('is none where the shell takes it literally', () => {
    expect(script("awk '{ print $NF, $NODE }' /proc/mounts # and $COMMENT\ncat <<'END'\nit's $LITERAL\nEND\necho \\$ESCAPED")).toEqual([]);
    expect(script('cat <<END\n$FILLED\nEND')).toEqual([unknown('FILLED')]);
    expect(script(`echo "it's $(jq -r '.a as $IN | $IN' <<<"$QUOTED")"`)).toEqual([unknown('QUOTED')]);
  });

  it('is that of a host in a step that is done in the cluster', () => {
    expect(told({ 'mine.yaml': playbook('mine', { one: 'on: [cluster]\ncheck: |\n  echo "$NODE_NAME"' }) })).toEqual([
      'mine.yaml at NODE_NAME: NODE_NAME has no meaning in a step that is done in the cluster',
    ]);
  });
});

describe('a declaration of a variable', () => {
  it.each([
    ['MINE: {title: Mine, help: It., type: text, default: 1.30}', `1.30: "default" should be text: put it in quotes ('1.3')`],
    ['MINE: {title: Mine, help: It., type: port, default: "0"}', '"0: "0" is no port: a number from 1 to 65535.'],
    ['MINE: {title: Mine, help: It., type: choice}', '{title: "choices" is missing in "MINE"'],
    ['MINE: {title: Mine, help: It., type: text, pattern: "["}', '"[": "[" is no regular expression'],
    [
      'MINE: {title: Mine, help: It., type: text, secret: true, default: x}',
      'x: MINE is a secret: it cannot have a default but the empty one, where its step makes one',
    ],
    ['mine: {title: Mine, help: It., type: text}', 'mine: "mine" should be a name in upper case such as POD_CIDR'],
    ['CNI: {title: Mine, help: It., type: text}', 'CNI: CNI is shared by all playbooks already: use it without declaring it, or give this one another name'],
    ['PATH: {title: Mine, help: It., type: text}', 'PATH: PATH is set for every script: give the variable another name'],
    [
      'MINE: {title: Mine, help: It., type: text, detect: node-cider}',
      'node-cider: "node-cider" is none of node-cidr, api-endpoint, admin-user, expected-gpus, runtime, os: is "node-cidr" meant?',
    ],
  ])('%s', (variable, sentence) => {
    expect(told({ 'mine.yaml': playbook('mine', { one: '' }, `variables:\n  ${variable}\n`) })).toEqual([`mine.yaml at ${sentence}`]);
  });

  it('is refused where another playbook has declared it', () => {
    const mine = 'variables: {MINE: {title: Mine, help: It., type: text}}\n';
    expect(told({ 'a.yaml': playbook('a', { one: '' }, mine), 'b.yaml': playbook('b', { two: '' }, mine) })).toEqual([
      'b.yaml at MINE: MINE is declared by the playbook a already: use it without declaring it, or give this one another name',
    ]);
  });
});

describe('a profile', () => {
  it.each([
    ['playbooks: [swop]', 'swop: there is no playbook "swop": is "swap" meant?'],
    ['playbooks: [swap]\nwithout: [swap-of]', 'swap-of: none of its playbooks has a step "swap-of": is "swap-off" meant?'],
    ['playbooks: [swap]\nvalues: {POD_CIDRS: 10.0.0.0/8}', 'POD_CIDRS: there is no variable POD_CIDRS: is "POD_CIDR" meant?'],
    ['playbooks: [swap]\nvalues: {POD_CIDR: 10.1.0.0/8}', '10.1.0.0/8: "10.1.0.0/8" is an address inside a network: the network itself is 10.0.0.0/8.'],
    ['playbooks: [swap]\nvalues: {JOIN_TOKEN: abc}', 'JOIN_TOKEN: JOIN_TOKEN is a secret: it is kept in no file'],
    ['playbooks: [swap]\nhosts: [{role: gpu, atLeast: 3, atMost: 1}]', '{role: it takes at least 3 and at most 1 with the role gpu'],
    ['playbooks: [swap]\nhosts: [{role: gpus}]', 'gpus: "gpus" is none of control-plane, gpu, worker, load-balancer, nfs-server, build: is "gpu" meant?'],
  ])('%s', (lines, sentence) => {
    expect(told({ 'profiles/mine.yaml': `id: mine\ntitle: Mine\nabout: Mine.\n${lines}\n` })).toEqual([`profiles/mine.yaml at ${sentence}`]);
  });
});
