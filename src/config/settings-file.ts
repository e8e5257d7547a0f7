import { homedir } from 'node:os';
import { join } from 'node:path';
import Conf from 'conf';
import { usualPresets } from './scale-settings.js';
import { withSetting } from './setting-fields.js';
import { type ContextSettings, parseSettings, type Settings } from './settings.js';
import type { SetupSettings } from './setup-settings.js';

/** The settings file cannot be used; `message` says which file, why and what to do. */
export class SettingsError extends Error {}

/** A person's settings and the file they are kept in. */
export interface SettingsFile {
  readonly file: string;
  settings(): Settings;
  context(name: string): ContextSettings;
  /** Changes one field of a context and keeps it; a sentence on why not, with nothing changed, or null. */
  change(context: string, path: string, value: string): string | null;
  /** What was chosen to be set up in a cluster of that name; null where nothing was. */
  setup(cluster: string): SetupSettings | null;
  /** Keeps it; a sentence on why not, with nothing changed, or null. */
  keepSetup(cluster: string, setup: SetupSettings): string | null;
}

/**
 * Opens config.json in the XDG configuration folder. No file means the defaults; a file that is not valid is a SettingsError: a typo must
 * not silently drop what a cluster is expected to have.
 */
export function openSettings(env: NodeJS.ProcessEnv): SettingsFile {
  const folder = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gpuk8s-tui');
  const file = join(folder, 'config.json');
  const { conf, stored } = openConf(folder, file);
  const parsed = parseSettings(stored);
  if (parsed.problem !== null) throw new SettingsError(`the settings in ${file} are not valid: ${parsed.problem}; mend the file or remove it`);
  let settings = parsed.settings;
  const keep = (changed: Readonly<Record<string, unknown>>) => {
    const next = parseSettings(changed);
    if (next.problem !== null) return next.problem;
    try {
      conf.store = changed;
    } catch (error) {
      return `cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`;
    }
    settings = next.settings;
    return null;
  };
  return {
    file,
    settings: () => settings,
    context: (name) =>
      settings.contexts.get(name) ?? { prometheusUrl: null, expectations: {}, hosts: {}, probes: {}, latency: [], slo: {}, scalePresets: usualPresets },
    change(context, path, value) {
      const changed = withSetting(conf.store, context, path, value);
      return typeof changed === 'string' ? changed : keep(changed);
    },
    setup: (cluster) => settings.setups.get(cluster) ?? null,
    keepSetup(cluster, setup) {
      const { setup: setups } = conf.store;
      return keep({ ...conf.store, setup: { ...(isRecord(setups) ? setups : {}), [cluster]: setup } });
    },
  };
}

function openConf(folder: string, file: string): { readonly conf: Conf<Record<string, unknown>>; readonly stored: unknown } {
  try {
    const conf = new Conf<Record<string, unknown>>({ cwd: folder, configFileMode: 0o600 });
    return { conf, stored: conf.store };
  } catch (error) {
    throw new SettingsError(`cannot read the settings in ${file}: ${error instanceof Error ? error.message : String(error)}; mend the file or remove it`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
