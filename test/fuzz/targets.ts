import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDcgmMetrics } from '../../src/gpu/dcgm-metrics.js';
import { nativePage } from '../../src/gpu/native-page.js';
import { parseNvidiaSmi } from '../../src/gpu/nvidia-smi.js';
import { parseXidLog } from '../../src/gpu/xid.js';
import { hostFacts } from '../../src/hosts/facts.js';
import { readKnownHosts } from '../../src/hosts/known-hosts.js';
import { parseProbe } from '../../src/hosts/probe-stream.js';
import { loadSshConfig } from '../../src/hosts/ssh-config.js';
import { sshTarget } from '../../src/hosts/ssh-target.js';
import { parseJournalLine } from '../../src/journal/journal-line.js';
import { loadKubeconfig } from '../../src/kube/kubeconfig.js';
import { splitListItems } from '../../src/kube/list-items.js';
import { projectEvent } from '../../src/kube/projections/event.js';
import { projectNode } from '../../src/kube/projections/node.js';
import { projectPod } from '../../src/kube/projections/pod.js';
import { projectDeployment } from '../../src/kube/projections/workload.js';
import { splitLines } from '../../src/kube/watch-lines.js';
import { parseExperiment } from '../../src/operations/experiment/experiment-file.js';
import { parseRules } from '../../src/prometheus/rules.js';
import { parseTargets } from '../../src/prometheus/targets.js';
import { playbookProblems, profileProblems } from '../../src/runbooks/coherence.js';
import { playbookOf, profileOf } from '../../src/runbooks/read-playbook.js';
import { readValidators, validated } from '../../src/runbooks/schema.js';
import { YamlSource } from '../../src/runbooks/yaml-source.js';
import { parseExposition } from '../../src/text/exposition.js';
import { parseFilter } from '../../src/text/filter.js';
import { parseQuantity } from '../../src/text/quantity.js';
import { a100MigDriver525, b200Driver595, h100Driver570, k20Driver319, lostInTheMiddleDriver550, vgpuGuestDriver538 } from '../gpu/documents.js';
import { hostClock, ubuntuAnswer } from '../hosts/probe-answers.js';
import * as seeds from './seeds.js';

/** A parser of foreign text, and what it may be given. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  /** Resolves nothing: what comes back is searched for text that a screen must not get. Throws what it throws. */
  readonly parse: (text: string) => unknown;
}

const runbooks = join(import.meta.dirname, '..', '..', 'assets', 'runbooks');
const validators = readValidators(runbooks);
const room = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-fuzz-'));
mkdirSync(join(room, '.ssh'));

export const targets: readonly Target[] = [
  {
    name: 'nvidia-smi XML and its page',
    seeds: [k20Driver319, a100MigDriver525, h100Driver570, b200Driver595, vgpuGuestDriver538, lostInTheMiddleDriver550],
    parse(text) {
      const report = parseNvidiaSmi(text);
      return [report, nativePage(report, 0)];
    },
  },
  { name: 'nvidia-smi CSV', seeds: seeds.csv, parse: (text) => parseNvidiaSmi(text) },
  { name: 'DCGM metrics', seeds: [seeds.dcgm], parse: parseDcgmMetrics },
  // Label values are cleaned where they are taken from a sample.
  { name: 'Prometheus text', seeds: [seeds.dcgm, seeds.histogram], parse: (text) => void parseExposition(text) },
  { name: 'Prometheus targets', seeds: [seeds.targets], parse: json(parseTargets) },
  { name: 'Prometheus rules', seeds: [seeds.rules], parse: json(parseRules) },
  { name: 'kernel log with Xids', seeds: [seeds.xids], parse: (text) => parseXidLog(text) },
  {
    name: 'probe stream',
    seeds: [ubuntuAnswer()],
    parse: (text) =>
      hostFacts(parseProbe(text, 'm1'), { at: hostClock * 1000, tookMs: 250, clockAt: hostClock * 1000 }, (lines) => parseXidLog(lines.join('\n'))),
  },
  { name: 'kubeconfig', seeds: [seeds.kubeconfig], parse: (text) => shown(loadKubeconfig({ text, env: {}, homeDir: room })) },
  { name: 'quantity', seeds: seeds.quantities, parse: (text) => void parseQuantity(text) },
  { name: 'filter', seeds: ['word', '!not', '/re(gex|)+/', '/(a+)+$/'], parse: (text) => void parseFilter(text) },
  { name: 'watch lines', seeds: [seeds.watch], parse: watchLines },
  { name: 'list of pods', seeds: [seeds.podList], parse: listItems },
  { name: 'ssh_config', seeds: seeds.sshConfigs, parse: sshConfig },
  { name: 'known_hosts', seeds: [seeds.knownHosts], parse: knownHosts },
  { name: 'journal lines', seeds: seeds.journalLines, parse: parseJournalLine },
  { name: 'playbook', seeds: ['logging', 'flannel', 'kubeadm-reset'].map((name) => runbook(`${name}.yaml`)), parse: playbook },
  { name: 'profile', seeds: [runbook('profiles', 'single-node-crio-calico-a16.yaml')], parse: profile },
  { name: 'experiment file', seeds: [seeds.experiment], parse: (text) => parseExperiment('experiment.yaml', text).name },
];

function json(parse: (body: unknown) => unknown): (text: string) => unknown {
  return (text) => {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return null;
    }
    return parse(body);
  };
}

/** What of a kubeconfig comes on the screen; the rest is for the connection. */
function shown(kubeconfig: ReturnType<typeof loadKubeconfig>): unknown {
  if (kubeconfig.status === 'usable') return [kubeconfig.context, kubeconfig.contexts];
  return kubeconfig;
}

function watchLines(text: string): unknown {
  const found: unknown[] = [];
  const push = splitLines((line) => {
    const event = json((body) => body)(line);
    for (const project of [projectNode, projectPod, projectEvent, projectDeployment]) {
      const object = typeof event === 'object' && event !== null && 'object' in event ? event.object : null;
      found.push(project(object));
    }
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 997) push(bytes.subarray(at, at + 997));
  return found;
}

function listItems(text: string): unknown {
  const found: unknown[] = [];
  const items = splitListItems((item) => found.push(json(projectPod)(item)));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 997) items.push(bytes.subarray(at, at + 997));
  return found;
}

function sshConfig(text: string): unknown {
  writeFileSync(join(room, '.ssh', 'config'), text);
  const config = loadSshConfig(room, join(room, 'none'));
  sshTarget('gpu-1', '10.0.0.11', {}, config);
  return config.notes;
}

function knownHosts(text: string): unknown {
  const file = join(room, '.ssh', 'known_hosts');
  writeFileSync(file, text);
  return readKnownHosts([file]).length;
}

function runbook(...path: readonly string[]): string {
  return readFileSync(join(runbooks, ...path), 'utf8');
}

/** What of a person's playbook comes on the screen as it was read: its scripts are cleaned where they are shown, since they are run as they are. */
function playbook(text: string): unknown {
  const source = new YamlSource('own.yaml', text);
  const checked = validated(source, validators.playbook);
  if (!checked.ok) return checked.problems;
  const of = playbookOf(checked.value, 'own.yaml');
  const problems = playbookProblems({ of, source }, [{ of, source }], { shared: {}, prelude: new Set(), template: () => null, signatures: new Set() });
  const { id, title, about, variables, steps } = of;
  return [
    problems,
    id,
    title,
    about,
    Object.values(variables).map(({ title, help }) => [title, help]),
    steps.map(({ id, title, why, replaces }) => [id, title, why, replaces]),
  ];
}

function profile(text: string): unknown {
  const source = new YamlSource('own.yaml', text);
  const checked = validated(source, validators.profile);
  if (!checked.ok) return checked.problems;
  const of = profileOf(checked.value, 'own.yaml');
  return [profileProblems({ of, source }, [], [], {}), of.id, of.title, of.about];
}
