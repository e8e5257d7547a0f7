import { homedir } from 'node:os';
import { join } from 'node:path';
import Conf from 'conf';
import { parseSettings, type Settings } from './settings.js';

/** The settings file cannot be used; `message` says which file, why and what to do. */
export class SettingsError extends Error {}

/**
 * Reads the person's settings, config.json in the XDG configuration folder. No file means the defaults; a file that is not valid is an
 * error: a typo must not silently drop what a cluster is expected to have.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const folder = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'gpuk8s-tui');
  const file = join(folder, 'config.json');
  const parsed = parseSettings(storedSettings(folder, file));
  if (parsed.problem !== null) throw new SettingsError(`the settings in ${file} are not valid: ${parsed.problem}; mend the file or remove it`);
  return parsed.settings;
}

function storedSettings(folder: string, file: string): unknown {
  try {
    return new Conf({ cwd: folder, configFileMode: 0o600 }).store;
  } catch (error) {
    throw new SettingsError(`cannot read the settings in ${file}: ${error instanceof Error ? error.message : String(error)}; mend the file or remove it`);
  }
}
