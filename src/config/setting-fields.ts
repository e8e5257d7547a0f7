import { masked } from '../text/masked.js';
import { severityChoices } from './expectations.js';
import type { HostSettings } from './host-settings.js';
import type { ContextSettings } from './settings.js';
import { thresholdNames, thresholds } from './thresholds.js';

/** The settings of one context as a list of fields. */
export interface ContextSettingsView {
  readonly context: string;
  /** The file they are kept in. */
  readonly file: string;
  readonly fields: readonly SettingField[];
}

/** One thing that can be set. */
export interface SettingField {
  /** Where it stands under the context in config.json, joined by dots: `hosts.user`, `hosts.each.gpu-1.port`, `expect.gpus.gpu-1`. */
  readonly path: string;
  /** The heading it stands under: `SSH`, `Expected`, or a machine's name. */
  readonly group: string;
  readonly label: string;
  /** As a person types it; '' where it is not set. */
  readonly value: string;
  /** What holds while it is not set: "as ~/.ssh/config says, else 22". */
  readonly otherwise: string;
}

/** Every field that can be set for a context, those of each machine that is known or set among them. */
export function settingFields({ prometheusUrl, expectations, hosts, probes, slo }: ContextSettings, nodes: readonly string[]): readonly SettingField[] {
  const machines = [...new Set([...nodes, ...Object.keys(hosts.each ?? {})])].sort();
  const expected = [...new Set([...nodes, ...Object.keys(expectations.gpus ?? {})])].sort();
  const field = (group: string, path: string, label: string, value: unknown, otherwise: string): SettingField => ({
    group,
    path,
    label,
    value: shown(value),
    otherwise,
  });
  return [
    field('Monitoring', 'prometheus', 'Prometheus', prometheusUrl, 'found in the cluster; give a URL, or namespace/service:port'),
    ...Object.entries(probes).map(([name, { url }]) => field('Probes', `probes.${name}`, name, masked(url), 'not asked')),
    field('Probes', newProbe, 'add', '', 'give NAME=URL, for example gateway=https://10.0.0.5/healthz'),
    field('Expected', 'expect.nodes', 'nodes', expectations.nodes, 'the nodes there are; give names with commas between'),
    field('Expected', 'expect.hosts', 'machines over SSH', expectations.hosts, 'none must answer; give names with commas between'),
    field('Expected', 'expect.namespaces', 'namespaces', expectations.namespaces, 'none; names with commas between, in which pods must run'),
    field('Expected', 'expect.targets', 'scrape targets', expectations.targets, 'those there are; JOB or JOB/INSTANCE with commas between, * for anything'),
    field('Expected', 'expect.prometheus', 'Prometheus', expectations.prometheus, 'none found counts as none installed; true or false'),
    field('Expected', 'expect.grafana', 'Grafana', expectations.grafana, 'none found counts as none installed; true or false'),
    field('Expected', 'expect.ignore', 'findings to ignore', expectations.ignore, 'none; check ids with commas between'),
    ...expected.map((node) => field('Expected GPUs', `expect.gpus.${node}`, node, expectations.gpus?.[node], 'as its labels and capacity say')),
    ...Object.entries(expectations.severity ?? {}).map(([check, choice]) => field('Severity', `expect.severity.${check}`, check, choice, usualSeverity)),
    field('Severity', newSeverity, 'set', '', `give CHECK=SEVERITY (${severityChoices.join(', ')}), for example swap-zero=warning`),
    ...thresholdNames.map((name) => {
      const { label, usual, otherwise = '' } = thresholds[name];
      return field('Thresholds', `expect.thresholds.${name}`, label, expectations.thresholds?.[name], usual === null ? otherwise : String(usual));
    }),
    ...Object.entries(slo).map(([service, seconds]) =>
      field('Latency objectives', `slo.${service}`, service, seconds, 'none; the most seconds that p95 may take'),
    ),
    field('Latency objectives', newSlo, 'set', '', 'give SERVICE=SECONDS, for example ai/resnet50=0.2: the most that 95 of 100 requests may take'),
    field('SSH', 'hosts.enabled', 'look at the machines', hosts.enabled, 'true'),
    ...machineFields('SSH', 'hosts', hosts, { user: 'as ~/.ssh/config says, else you', port: 'as ~/.ssh/config says, else 22' }),
    ...machines.flatMap((machine) => {
      const own = hosts.each?.[machine] ?? {};
      return [
        field(machine, `hosts.each.${machine}.address`, 'address', own.address, 'as the node says, or as ~/.ssh/config does'),
        ...machineFields(machine, `hosts.each.${machine}`, own, { user: 'as for all', port: 'as for all' }),
      ];
    }),
    field('Hosts outside the cluster', newHost, 'add', '', 'give NAME=ADDRESS, for example lb=10.0.0.5'),
  ];
}

/** The field that adds a machine; its value is `NAME=ADDRESS`. */
const newHost = 'hosts.each';
/** The field that adds a URL to ask; its value is `NAME=URL`. */
const newProbe = 'probes';
/** The field that sets the objective of one more service; its value is `SERVICE=SECONDS`. */
const newSlo = 'slo';
/** The field that sets the severity of one more check; its value is `CHECK=SEVERITY`. */
const newSeverity = 'expect.severity';
const usualSeverity = `as the check itself says; one of ${severityChoices.join(', ')}`;

function machineFields(
  group: string,
  path: string,
  settings: HostSettings,
  otherwise: { readonly user: string; readonly port: string },
): readonly SettingField[] {
  const { user, port, key, jump, sudo } = settings;
  return [
    { group, path: `${path}.user`, label: 'user', value: shown(user), otherwise: otherwise.user },
    { group, path: `${path}.port`, label: 'port', value: shown(port), otherwise: otherwise.port },
    { group, path: `${path}.key`, label: 'private key file', value: shown(key), otherwise: 'the agent, then the usual files' },
    { group, path: `${path}.jump`, label: 'jump host', value: shown(jump), otherwise: 'none, or as ~/.ssh/config says' },
    { group, path: `${path}.sudo`, label: 'sudo for what needs root', value: shown(sudo), otherwise: 'true, unless the user is root' },
  ];
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/**
 * The stored settings (config.json) with one field of a context changed; '' unsets it. A sentence instead where the typed text is of
 * the wrong form; whether the whole is valid is for parseSettings to say.
 */
export function withSetting(stored: unknown, context: string, path: string, typed: string): Readonly<Record<string, unknown>> | string {
  const text = typed.trim();
  if (path === newHost) {
    const [, name, address] = /^([^=\s]+)\s*=\s*(\S+)$/.exec(text) ?? [];
    if (name === undefined || address === undefined) return 'give NAME=ADDRESS, for example lb=10.0.0.5';
    return put(stored, ['contexts', context, 'hosts', 'each', name, 'address'], address);
  }
  if (path === newProbe) {
    const [, name, url] = /^([^=\s]+)\s*=\s*(\S+)$/.exec(text) ?? [];
    if (name === undefined || url === undefined) return 'give NAME=URL, for example gateway=https://10.0.0.5/healthz';
    return put(stored, ['contexts', context, 'probes', name], url);
  }
  if (path === newSeverity) {
    const [, check, choice] = /^([^=\s]+)\s*=\s*(\S+)$/.exec(text) ?? [];
    if (check === undefined || choice === undefined) return 'give CHECK=SEVERITY, for example swap-zero=warning';
    return put(stored, ['contexts', context, 'expect', 'severity', check], choice);
  }
  if (path === newSlo) {
    const [, service, seconds] = /^([^=\s]+)\s*=\s*(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (service === undefined || seconds === undefined) return 'give SERVICE=SECONDS, for example ai/resnet50=0.2';
    return put(stored, ['contexts', context, 'slo', service], Number(seconds));
  }
  const steps = stepsOf(path);
  const value = text === '' ? undefined : typedValue(steps, text);
  return put(stored, ['contexts', context, ...steps], value);
}

/** The names of nodes and checks may have dots of their own. */
function stepsOf(path: string): readonly string[] {
  if (path.startsWith('probes.')) return ['probes', path.slice('probes.'.length)];
  if (path.startsWith('slo.')) return ['slo', path.slice(4)];
  const [, group, name] = /^expect\.(gpus|severity)\.(.+)$/.exec(path) ?? [];
  if (group !== undefined && name !== undefined) return ['expect', group, name];
  const [, machine, rest] = /^hosts\.each\.(.+?)(?:\.(address|user|port|key|jump|sudo))?$/.exec(path) ?? [];
  return machine === undefined ? path.split('.') : ['hosts', 'each', machine, ...(rest === undefined ? [] : [rest])];
}

/** Numbers, switches and lists as JSON has them; what does not look like one stays text, for parseSettings to refuse. */
function typedValue(steps: readonly string[], text: string): unknown {
  const last = steps.at(-1) ?? '';
  if (steps[1] === 'gpus' || last === 'port') return /^\d+$/.test(text) ? Number(text) : text;
  if (steps[0] === 'slo' || steps[1] === 'thresholds') return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (['sudo', 'enabled', 'prometheus', 'grafana'].includes(last) && steps.length > 1) return text === 'true' || text === 'false' ? text === 'true' : text;
  const isList = steps[0] === 'expect' && ['nodes', 'hosts', 'namespaces', 'targets', 'ignore'].includes(steps[1] ?? '');
  if (isList) return text.split(',').flatMap((item) => item.trim() || []);
  return text;
}

function put(stored: unknown, steps: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const [step = '', ...rest] = steps;
  const before: Readonly<Record<string, unknown>> = isRecord(stored) ? stored : {};
  if (rest.length === 0) {
    const { [step]: _old, ...others } = before;
    return value === undefined ? others : { ...others, [step]: value };
  }
  const { [step]: inner, ...others } = before;
  const changed = put(inner, rest, value);
  return Object.keys(changed).length === 0 ? others : { ...before, [step]: changed };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
