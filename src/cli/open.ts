import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import { openSettings } from '../config/settings-file.js';
import { openSession, type Session, type SessionOptions } from '../session.js';
import type { ConnectionOptions } from './program.js';

/** A session for what the command line, the environment and the settings file say. Throws SettingsError for a settings file that cannot be used. */
export function open(options: ConnectionOptions, machines: SessionOptions['machines']): Session {
  const settings = openSettings(process.env);
  return openSession({ config: resolveConfig(options, process.env, settings.settings()), settings, machines, env: process.env, homeDir: homedir() });
}
