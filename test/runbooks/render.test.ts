import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { StepSpec } from '../../src/runbooks/playbook.js';
import { renderFiles } from '../../src/runbooks/render.js';
import { formOf } from '../../src/runbooks/templates.js';
import type { SetupHost, VariableType } from '../../src/state/setup.js';
import { catalogueOf, ownCatalogue, playbook } from './runbook-folder.js';

const hosts: readonly SetupHost[] = [
  { name: 'cp-1', address: '192.168.1.11', roles: ['control-plane'] },
  { name: 'cp-2', address: '192.168.1.12', roles: ['control-plane', 'gpu'] },
];

/** One template filled in, as its name has it. */
function rendered(template: string, text: string, values: Readonly<Record<string, string>>, types: Readonly<Record<string, VariableType>> = {}): string {
  return renderFiles({ ...plain, files: [{ name: 'out', template }], variables: types }, values, hosts, () => text)[0]?.text ?? '';
}

const plain = stepOf('plain');

function stepOf(id: string): StepSpec {
  const step = catalogueOf({ 'runbooks/plain.yaml': playbook('playbook', { [id]: '' }) }).playbooks[0]?.steps[0];
  if (step === undefined) throw new Error('there is no step');
  return step;
}

const hostile = [
  `'; rm -rf / #`,
  `"; reboot; "`,
  'a: b',
  '- a',
  '{a: b}',
  'a # b',
  '*a',
  '!!python/object',
  '%d',
  '@x',
  '`reboot`',
  '$(reboot)',
  `\${POD_CIDR}`,
  `\${gpu.name}`,
  'yes',
  '1.36',
  '0o17',
  'null',
  '~',
  '12:30:45',
  '2026-11-02',
  ' blank ',
  'line\nbreak: true\n- x',
  '---\nkind: Evil',
  '\t',
  '\\',
  'é\u2028x\u0000\u001b[2J',
  '<<',
];

describe('a YAML template', () => {
  it('takes any value as data, as a whole or in part of a text', () => {
    for (const value of hostile) {
      const text = rendered('a.yaml', `# kept\na: \${X}\nb: pre \${X} post\nc: ["\${X}"]\nd: '\${X}'\ne:\n  - \${X}\n`, { X: value });
      const [document, ...more] = parseAllDocuments(text);
      expect(more).toEqual([]);
      expect(document?.errors).toEqual([]);
      expect(document?.toJS()).toEqual({ a: value, b: `pre ${value} post`, c: [value], d: value, e: [value] });
      // Readers of YAML 1.1, as kubectl is one, must not see anything else in it.
      expect(parseAllDocuments(text, { version: '1.1' })[0]?.toJS()).toEqual(document?.toJS());
    }
  });

  it('takes any value as a key', () => {
    for (const value of hostile) expect(parseAllDocuments(rendered('a.yaml', `a:\n  \${X}: 1\n`, { X: value }))[0]?.toJS()).toEqual({ a: { [value]: 1 } });
  });

  it('keeps comments, documents, and what is not its own', () => {
    const template = `# head\na: \${X} # why\n---\nb: |\n  $HOME \${home} $(date) \${datasource.name}\n`;
    expect(rendered('a.yaml', template, { X: 'x' })).toBe(template.replace(`\${X}`, 'x'));
  });

  it('makes numbers and flags of variables that are such, and text where there are quotes', () => {
    const types = { N: 'number', P: 'port', F: 'flag', T: 'text' } as const;
    const text = rendered('a.yaml', `n: \${N}\np: \${P}\nf: \${F}\nt: \${T}\nquoted: "\${N}"\npart: \${N}Gi\n`, { N: '3', P: '6443', F: 'yes', T: '3' }, types);
    expect(text).toBe('n: 3\np: 6443\nf: true\nt: "3"\nquoted: "3"\npart: "3Gi"\n');
  });

  it('has an entry of a list for each host of a role', () => {
    const text = `sans: [first, "\${control-plane.address}", last]\nnodes:\n  - name: \${gpu.name}\n    labels: [a]\nnone:\n  - \${nfs-server.name}\n`;
    expect(parseAllDocuments(rendered('a.yaml', text, {}))[0]?.toJS()).toEqual({
      sans: ['first', '192.168.1.11', '192.168.1.12', 'last'],
      nodes: [{ name: 'cp-2', labels: ['a'] }],
      none: [],
    });
    expect(() => rendered('a.yaml', `name: \${gpu.name}\n`, {})).toThrow(
      'manifests/a.yaml names hosts with the role gpu outside of a list: only the entries of lists can be repeated.',
    );
    expect(() => rendered('a.yaml', `- \${gpu.name} \${control-plane.name}\n`, {})).toThrow('only one of them can be repeated there');
  });

  it('fills a text of several lines in line by line, and as data where its key is a YAML or JSON file', () => {
    const text = `data:\n  config.yaml: |\n    # kept\n    a: \${X}\n  plain: |\n    host \${all.name}\n    a = \${X}\n  c.json: |\n    {"a": "\${X}",\n     "b": 1}\n`;
    const data = parseAllDocuments(rendered('a.yaml', text, { X: 'x: "y"' }))[0]?.toJS().data;
    expect(data).toEqual({
      'config.yaml': '# kept\na: "x: \\"y\\""\n',
      plain: 'host cp-1\nhost cp-2\na = x: "y"\n',
      'c.json': '{\n  "a": "x: \\"y\\"",\n  "b": 1\n}\n',
    });
    expect(() => rendered('a.yaml', text, { X: 'a\nb' })).toThrow('X has a line break or a control character in it, which cannot stand in manifests/a.yaml.');
  });

  it('says where it is no YAML, and which variable has no value', () => {
    expect(() => rendered('a.yaml', 'a: [\n', {})).toThrow(/^manifests\/a\.yaml:2:1: /);
    expect(() => rendered('a.yaml', `a: \${X}\n`, {})).toThrow('manifests/a.yaml needs X, which has no value.');
  });
});

describe('a JSON template', () => {
  it('takes any value as data, numbers and flags as such', () => {
    for (const value of hostile) {
      const text = rendered(
        'a.json',
        `{"a": "\${X}", "\${X}k": ["\${X}!"], "n": "\${N}", "f": "\${F}"}`,
        { X: value, N: '3', F: 'no' },
        { N: 'number', F: 'flag' },
      );
      expect(JSON.parse(text)).toEqual({ a: value, [`${value}k`]: [`${value}!`], n: 3, f: false });
    }
  });
});

describe('a template of text', () => {
  it('has its values put in once, and a line for each host of a role', () => {
    const text = rendered(
      'haproxy.cfg',
      `bind :\${API_PORT}\n  server \${control-plane.name} \${control-plane.address}:6443 check\n# \${X} $X\n\${nfs-server.name}\nend`,
      {
        API_PORT: '8443',
        X: `\${API_PORT}`,
      },
    );
    expect(text).toBe(`bind :8443\n  server cp-1 192.168.1.11:6443 check\n  server cp-2 192.168.1.12:6443 check\n# \${API_PORT} $X\nend`);
  });

  it.each(['a\nb', 'a\rb', 'a\u0000', '\u001b[2J', 'a\u2028b'])('refuses the value %j, with its name and the template', (value) => {
    expect(() => rendered('haproxy.cfg', `x \${X}\n`, { X: value })).toThrow(
      'X has a line break or a control character in it, which cannot stand in manifests/haproxy.cfg.',
    );
  });

  it('that is a program takes no value that would be part of one', () => {
    expect(rendered('run.sh', `x=\${X}\n`, { X: 'registry.example/a:1.0@x' })).toBe('x=registry.example/a:1.0@x\n');
    expect(() => rendered('run.sh', `x=\${X}\n`, { X: `'; rm -rf / #` })).toThrow(
      "X has the character ' in it, which would be part of a command in manifests/run.sh.",
    );
    expect(() => rendered('run', `#!/bin/sh\nx=\${X}\n`, { X: 'a b' })).toThrow('X has a blank in it, which would be part of a command in manifests/run.');
    expect(() => rendered('a.toml', `x = "\${X}"\n`, { X: 'a" b' })).toThrow(
      'X has the character " in it, which would be the end of a quoted text in manifests/a.toml.',
    );
  });
});

describe('the templates of the program', () => {
  const { playbooks, template } = ownCatalogue();
  const steps = playbooks.flatMap((each) => each.steps).filter(({ files }) => files.some((file) => formOf(file.template) !== 'text'));
  /** Keys and lists, without what the values are. */
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shape(entry)])) : '';
  };
  const shapes = (text: string) => parseAllDocuments(text).map((document) => shape(document.toJS()));

  it.each(steps.map((step) => [step.id, step] as const))('of %s have the same form whatever the values are', (_, step) => {
    const data = { ...step, files: step.files.filter((file) => formOf(file.template) !== 'text') };
    const names = step.files.flatMap((file) => [...template(file.template).matchAll(/\$\{([A-Z][A-Z0-9_]*)\}/g)].map(([, name = '']) => name));
    const free = new Set(names.filter((name) => (step.variables[name] ?? 'text') === 'text'));
    const filledWith = (value: string) => Object.fromEntries(names.map((name) => [name, free.has(name) ? value : '10']));
    const usual = renderFiles(data, filledWith('usual'), hosts, template).map(({ text }) => shapes(text));
    for (const value of [`'; rm -rf / #`, 'a: b', '{a: b}', '- x', '"', 'yes']) {
      const keyed = usual.map((forms) => JSON.stringify(forms));
      const found = renderFiles(data, filledWith(value), hosts, template).map(({ text }) => JSON.stringify(shapes(text)));
      // A key that is a value itself is another key, and nothing else.
      expect(found.map((forms) => forms.replaceAll(JSON.stringify(value).slice(1, -1), 'usual'))).toEqual(keyed);
    }
  });
});
