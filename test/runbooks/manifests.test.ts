import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { assetsPath } from '../../src/assets-path.js';
import { type DemoCluster, startDemoCluster } from '../../src/demo/cluster.js';
import type { StepSpec } from '../../src/runbooks/playbook.js';
import { formOf } from '../../src/runbooks/templates.js';
import { catalogue, everyStep, filesOf, valuesOf } from './every-step.js';
import { accepted, hostileTexts } from './hostile.js';
import { fieldProblems } from './kube-fields.js';

const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stepsWithFiles = everyStep.filter(({ files }) => files.length > 0);
const hostile = hostileTexts('/tmp/never');

describe('the files that steps write', () => {
  it.each(stepsWithFiles.map((step) => [step.id, step] as const))('%s parse, whatever the values are', (_, step) => {
    const usual = parsed(step, {});
    for (const [name, text] of variations(step)) {
      // Not one value makes a file of another form.
      for (const [at, { file, documents }] of parsed(step, { [name]: text }).entries()) {
        expect(shapeOf(documents), `${file} with ${name}=${JSON.stringify(text)}`).toEqual(shapeOf(usual[at]?.documents));
      }
    }
  });

  it.each(stepsWithFiles.map((step) => [step.id, step] as const))('%s have the fields that are known to their kinds, and no others', (_, step) => {
    for (const { file, documents } of parsed(step, {})) {
      for (const document of documents) if (isObject(document) && 'kind' in document) expect(fieldProblems(document), `${step.id}: ${file}`).toEqual([]);
    }
  });

  it('come from templates that are all used', () => {
    const used = new Set(everyStep.flatMap(({ files }) => files.map(({ template }) => template)));
    expect(readdirSync(assetsPath('manifests')).filter((name) => !used.has(name))).toEqual([]);
  });

  it('would be noticed with a field that there is not', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', imag: 'b', ports: [{ containerPort: 'x' }] }] } };
    expect(fieldProblems(pod)).toEqual(['Pod.spec.containers[0].imag is not known', 'Pod.spec.containers[0].ports[0].containerPort is no number but "x"']);
    expect(fieldProblems({ apiVersion: 'autoscaling/v2beta1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'a' } })).toEqual([
      'autoscaling/v2beta1 HorizontalPodAutoscaler is not known',
    ]);
  });
});

const kubectlInstalled = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).status === 0;

/** `GPUK8S_TUI_TEST_KUBECONFIG` names a real cluster to ask; nothing is changed in it but for the namespaces that objects are meant for. */
const realCluster = process.env['GPUK8S_TUI_TEST_KUBECONFIG'];

describe.skipIf(!kubectlInstalled)('an API server that is asked by kubectl, if that is installed', () => {
  let demo: DemoCluster | null = null;
  let kubeconfig = realCluster ?? '';
  beforeAll(async () => {
    if (realCluster !== undefined) return;
    demo = await startDemoCluster({ scenario: 'healthy' });
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, demo.kubeconfig);
  });
  afterAll(() => demo?.close());

  function kubectl(args: readonly string[], input = ''): Promise<string> {
    return asked(['--kubeconfig', kubeconfig, ...args], input);
  }

  it('takes every object of the kinds that it serves', async () => {
    const objects = stepsWithFiles
      .flatMap((step) => parsed(step, {}))
      .flatMap(({ documents }) => documents.filter(isObject).filter((document) => 'kind' in document));
    const resources = await kubectl(['api-resources', '--no-headers']);
    const served = new Set(
      resources
        .split('\n')
        .map((line) => line.trim().split(/\s+/).slice(-3))
        .map(([version, , kind]) => `${version} ${kind}`),
    );
    const known = objects.filter(({ apiVersion, kind }) => served.has(`${String(apiVersion)} ${String(kind)}`));
    expect(known.length).toBeGreaterThan(40);
    // A dry run creates no namespace for what is in it.
    const namespaces = new Set(
      known.flatMap(({ metadata }) => (isObject(metadata) && typeof metadata['namespace'] === 'string' ? [metadata['namespace']] : [])),
    );
    const wanted = [...namespaces].map((name) => JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    await kubectl(['apply', '--server-side', '--field-manager=test', '-f', '-'], wanted.join('\n'));
    // Of the same object in two steps the last one counts, and a probe is there to be refused.
    const probes = known.filter(({ metadata }) => !(isObject(metadata) && metadata['name'] === 'gpuk8s-over-quota'));
    const said = await kubectl(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=test', '--dry-run=server', '--validate=strict', '-f', '-'],
      probes.map((object) => JSON.stringify(object)).join('\n'),
    );
    const lines = said.split('\n').filter((line) => line !== '' && !line.startsWith('Warning:'));
    expect(lines.filter((line) => !line.endsWith('serverside-applied (server dry run)'))).toEqual([]);
    expect(lines).toHaveLength(probes.length);
  }, 60_000);
});

describe('files that are no data for Kubernetes', () => {
  const texts = stepsWithFiles.flatMap((step) =>
    filesOf(step, valuesOf(step)).map(({ text }, at) => ({ step: step.id, template: step.files[at]?.template ?? '', text })),
  );
  const those = (pattern: RegExp) => texts.filter(({ template }) => pattern.test(template));
  const ran = (program: string, args: readonly string[], input = '') => spawnSync(program, args, { input, encoding: 'utf8' });
  const has = (program: string, asks = '--version') => ran(program, [asks]).error === undefined;

  it.skipIf(!has('haproxy', '-v'))('are taken by HAProxy, if it is installed', () => {
    for (const { template, text } of those(/haproxy/)) {
      const path = join(folder, template);
      // Its users and folders are those of the machine that it is for.
      writeFileSync(path, text.replace(/^ {2}(?:chroot|user|group|stats socket) .*$/gm, ''));
      expect(ran('haproxy', ['-c', '-q', '-f', path])).toMatchObject({ status: 0 });
    }
  });

  it('name every control plane to the load balancer', () => {
    for (const { text } of those(/haproxy/)) expect(text.match(/^ {2}server cp-\d 192\.168\.10\.1\d:6443 check$/gm)).toHaveLength(3);
  });

  it.skipIf(!has('python3'))('are Python, if that is installed', () => {
    for (const { template, text } of those(/\.py$/)) {
      expect(ran('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], text), template).toMatchObject({
        stderr: '',
        status: 0,
      });
    }
  });

  it.skipIf(!has('jq'))('are programs for jq, if that is installed', () => {
    for (const { template, text } of those(/\.jq$/)) {
      const path = join(folder, template);
      writeFileSync(path, text);
      const names = ['namespace', 'app', 'exempt'].flatMap((name) => ['--arg', name, '']);
      expect(ran('jq', [...names, '-f', path], '{"items":[]}'), template).toMatchObject({ stderr: '', status: 0 });
    }
  });

  it('are lists of packages with a key of their own each', () => {
    const lists = those(/\.list$/);
    expect(lists.length).toBeGreaterThan(2);
    for (const { text } of lists)
      for (const line of codeLines(text)) expect(line).toMatch(/^deb \[[^\]]*signed-by=\/\S+\.(?:gpg|asc)\] https:\/\/\S+ \S+(?: \w+)*$/);
  });

  it('are settings of systemd, NetworkManager and CRI-O with sections', () => {
    for (const { template, text } of those(/^(?:journald|crio-|calico-).*\.conf$/)) {
      const [first = '', ...others] = codeLines(text);
      expect(first, template).toMatch(/^\[[\w.]+\]$/);
      for (const line of others) expect(line, template).toMatch(/^[A-Za-z][\w.-]* ?= ?\S.*$/);
    }
  });

  it('build an image in steps that a builder knows', () => {
    for (const { text } of those(/Dockerfile/)) {
      const instructions = codeLines(text.replaceAll('\\\n', ' '));
      expect(instructions[0]).toMatch(/^FROM \S+:\S+$/);
      for (const line of instructions) expect(line).toMatch(/^(?:FROM|ENV|WORKDIR|COPY|RUN|USER|EXPOSE|HEALTHCHECK|CMD) \S/);
      expect(instructions.filter((line) => line.startsWith('USER '))).toEqual(['USER 10001']);
    }
  });
});

/** Each template file of a step, rendered, as what it is parsed to; of other texts, their lines. */
function parsed(step: StepSpec, others: Readonly<Record<string, string>>): readonly { readonly file: string; readonly documents: readonly unknown[] }[] {
  return filesOf(step, valuesOf(step, others)).map(({ name, text }, at) => {
    const form = formOf(step.files[at]?.template ?? '');
    return { file: name, documents: form === 'yaml' ? yamlDocuments(text) : form === 'json' ? [JSON.parse(text)] : text.split('\n').map(() => 'a line') };
  });
}

/** What kubectl says, with what it complains of. */
function asked(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('kubectl', [...args], { timeout: 50_000, maxBuffer: 2 ** 24 }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`));
    child.stdin?.end(input);
  });
}

function yamlDocuments(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    expect(document.warnings).toEqual([]);
    return document.toJS();
  });
}

/** Each of the variables that the files mention, with each text that it takes. */
function variations(step: StepSpec): readonly (readonly [name: string, text: string])[] {
  const templates = step.files.map(({ template }) => catalogue.template(template)).join('\n');
  const names = Object.keys(step.variables).filter((name) => templates.includes(`\${${name}}`));
  return names.flatMap((name) => accepted(name, hostile).flatMap((text) => (refusedThere(step, name, text) ? [] : [[name, text] as const])));
}

/** A template may refuse what the variable's type takes, with a sentence that names the variable. */
function refusedThere(step: StepSpec, name: string, text: string): boolean {
  try {
    filesOf(step, valuesOf(step, { [name]: text }));
    return false;
  } catch (error) {
    expect(String(error)).toContain(name);
    return true;
  }
}

/** Keys and lengths, without what stands there. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
  return '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:#|\/\/)/.test(line));
}
