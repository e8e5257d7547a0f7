import { hostname, userInfo } from 'node:os';

/** Who does it, for the journal: `ops@headnode`; behind sudo the person, not root. */
export function journalAuthor(env: NodeJS.ProcessEnv): string {
  return `${env['SUDO_USER'] || userName(env)}@${hostname()}`;
}

/** In a container the user may have a number only. */
function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] || `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
