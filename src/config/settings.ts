import { type Expectations, parseExpectations } from './expectations.js';
import { type HostSettings, parseHostSettings } from './host-settings.js';
import { type LatencySource, parseLatencySources, parseSlos } from './latency-settings.js';
import { type ProbeSettings, parseProbeSettings } from './probe-settings.js';
import { parseScalePresets, type ScalePreset } from './scale-settings.js';
import { parseSetups, type SetupSettings } from './setup-settings.js';

/** What a person can set once for all visits, in config.json. */
export interface Settings {
  readonly readOnly: boolean;
  readonly refreshSeconds: number;
  readonly contexts: ReadonlyMap<string, ContextSettings>;
  /** What was chosen to be set up, by name of the cluster, which need not be there yet. */
  readonly setups: ReadonlyMap<string, SetupSettings>;
}

export interface ContextSettings {
  /** A URL, or a Service of the cluster as `namespace/service` or `namespace/service:port`. */
  readonly prometheusUrl: string | null;
  readonly expectations: Expectations;
  /** How its machines are reached. */
  readonly hosts: HostSettings;
  /** What should answer HTTP from here, beside the API server and the monitoring. */
  readonly probes: ProbeSettings;
  /** Histograms of services of one's own. */
  readonly latency: readonly LatencySource[];
  /** The most seconds that p95 may take, by `namespace/name` or name of a service. */
  readonly slo: Readonly<Record<string, number>>;
  /** Numbers of replicas that are offered first. */
  readonly scalePresets: readonly ScalePreset[];
}

/** Settings, or the sentence that says what is wrong with them. */
export type ParsedSettings = { readonly settings: Settings; readonly problem: null } | { readonly settings: null; readonly problem: string };

/**
 * Reads `{ readOnly?: boolean, refreshSeconds?: number, setup?: { CLUSTER: {…} }, contexts?: { NAME: { prometheus?: URL, expect?: {…}, hosts?: {…}, probes?: {…}, latency?: […], slo?: {…}, scale?: {…} } } }`,
 * the shape of config.json. Unknown keys are a problem, so that a misspelt one is noticed.
 */
export function parseSettings(stored: unknown): ParsedSettings {
  try {
    const root = record(stored, 'the file', ['readOnly', 'refreshSeconds', 'contexts', 'setup']);
    const contexts = record(root['contexts'] ?? {}, 'contexts', null);
    const setups = parseSetups(root['setup'] ?? {});
    if (typeof setups === 'string') throw new SettingsProblem(`setup: ${setups}`);
    return {
      problem: null,
      settings: {
        readOnly: optional(root['readOnly'], 'readOnly', isBoolean, 'true or false') ?? false,
        refreshSeconds: optional(root['refreshSeconds'], 'refreshSeconds', isSeconds, 'a number of seconds, 1 or more') ?? 15,
        contexts: new Map(Object.entries(contexts).map(([name, value]) => [name, contextSettings(value, `contexts.${name}`)])),
        setups,
      },
    };
  } catch (error) {
    if (error instanceof SettingsProblem) return { settings: null, problem: error.message };
    throw error;
  }
}

class SettingsProblem extends Error {}

function contextSettings(value: unknown, where: string): ContextSettings {
  const fields = record(value, where, ['prometheus', 'expect', 'hosts', 'probes', 'latency', 'slo', 'scale']);
  const expectations = parseExpectations(fields['expect'] ?? {});
  if (typeof expectations === 'string') throw new SettingsProblem(`${where}.expect: ${expectations}`);
  const hosts = parseHostSettings(fields['hosts'] ?? {});
  if (typeof hosts === 'string') throw new SettingsProblem(`${where}.hosts: ${hosts}`);
  const probes = parseProbeSettings(fields['probes'] ?? {});
  if (typeof probes === 'string') throw new SettingsProblem(`${where}.probes: ${probes}`);
  const latency = parseLatencySources(fields['latency'] ?? []);
  if (typeof latency === 'string') throw new SettingsProblem(`${where}.latency: ${latency}`);
  const slo = parseSlos(fields['slo'] ?? {});
  if (typeof slo === 'string') throw new SettingsProblem(`${where}.slo: ${slo}`);
  const scalePresets = parseScalePresets(fields['scale'] ?? {});
  if (typeof scalePresets === 'string') throw new SettingsProblem(`${where}.scale: ${scalePresets}`);
  return {
    prometheusUrl: optional(fields['prometheus'], `${where}.prometheus`, isPrometheus, 'an http or https URL, or namespace/service:port') ?? null,
    expectations,
    hosts,
    probes,
    latency,
    slo,
    scalePresets,
  };
}

function record(value: unknown, where: string, keys: readonly string[] | null): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new SettingsProblem(`${where} is not an object`);
  const unknown = keys === null ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new SettingsProblem(`${where} has an unknown key "${unknown}" (known: ${keys?.join(', ')})`);
  return value;
}

function optional<T>(value: unknown, where: string, is: (value: unknown) => value is T, wanted: string): T | undefined {
  if (value === undefined) return undefined;
  if (!is(value)) throw new SettingsProblem(`${where} is not ${wanted}`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 1;
}

function isPrometheus(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  return /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*(?::[a-z0-9-]+)?$/.test(value) || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));
}
