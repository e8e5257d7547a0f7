import { homedir } from 'node:os';
import { resolveConfig } from '../config/config.js';
import type { Memory } from '../config/memory.js';
import { openMemory } from '../config/memory-file.js';
import { openSettings } from '../config/settings-file.js';
import { openSession, type Session, type SessionOptions } from '../session.js';
import type { ConnectionOptions } from './actions.js';

/**
 * A session for what the command line, the environment and the settings file say; `visit` when a person looks at it, and not a program. Throws SettingsError for
 * a settings file that cannot be used.
 */
export function open(options: ConnectionOptions, machines: SessionOptions['machines'], visit = false): Session {
  const settings = openSettings(process.env);
  const memory = openMemory(process.env);
  return openSession({
    config: resolveConfig(options, process.env, settings.settings()),
    settings,
    machines,
    memory: visit ? memory : withoutVisit(memory),
    env: process.env,
    homeDir: homedir(),
  });
}

/** How long reboots took is worth keeping whoever saw it; what a person saw last is not for a nightly check to overwrite. */
function withoutVisit(memory: Memory): Memory {
  return {
    ...memory,
    keep(name, { reboots }) {
      memory.keep(name, { ...memory.context(name), reboots });
    },
  };
}
