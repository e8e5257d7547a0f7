import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import { readSettings } from '../config/settings-file.js';
import { openSession, type Session } from '../session.js';
import type { ConnectionOptions } from './program.js';

/** A session for what the command line, the environment and the settings file say. Throws SettingsError for a settings file that cannot be used. */
export function open(options: ConnectionOptions): Session {
  const settings = readSettings(process.env);
  return openSession({ config: resolveConfig(options, process.env, settings), env: process.env, homeDir: homedir() });
}
