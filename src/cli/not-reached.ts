import type { Connection } from '../state/connection.js';

/** One sentence for stderr on why the cluster could not be looked at, and what to do; null while connected. */
export function notReached(connection: Connection): string | null {
  switch (connection.status) {
    case 'connected':
      return null;
    case 'connecting':
      return `cannot reach ${name(connection)}: no answer yet`;
    case 'lost':
      return `cannot reach ${name(connection)}: ${withFix(connection.why, connection.fix)}`;
    case 'unusable':
      return withFix(connection.why, connection.fix);
    case 'unconfigured':
      return `no kubeconfig found (looked at ${connection.looked.join(', ')}); give one with --kubeconfig, or try --demo`;
  }
}

function name(connection: { readonly context: string; readonly server: string }): string {
  return connection.context === '' ? connection.server : `${connection.context} (${connection.server})`;
}

/** What went wrong, and what to do about it where that is known. */
export function withFix(why: string, fix: string | null): string {
  return fix === null ? why : `${why.replace(/\.+$/, '')}; ${fix}`;
}
