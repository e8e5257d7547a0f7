import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { clean } from '../text/clean.js';

/** Why a file cannot be read and what mends it, from the error that reading it gave. */
export interface UnreadableFile {
  readonly why: string;
  readonly fix: string | null;
}

/** Files and people by number, so that tests need not be root. */
export interface Who {
  readonly uid: number;
  readonly gid: number;
  stat(path: string): { readonly uid: number; readonly mode: number };
  /** Text of /etc/passwd or /etc/group, '' where there is none. */
  table(name: 'passwd' | 'group'): string;
}

/**
 * The classic after a reboot is a kubeconfig that root wrote (`sudo kubeadm init`, `sudo kubectl`): the sentence says whose file it is, and
 * the fix is the chown with this user's names in it. kubeadm's own files stay root's: those are copied.
 */
export function unreadableFile(path: string, error: unknown, who: Who = thisProcess): UnreadableFile {
  const shown = clean(path);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return { why: `${shown} does not exist`, fix: null };
  if (code === 'EISDIR') return { why: `${shown} is a directory, not a file`, fix: null };
  if (code !== 'EACCES' && code !== 'EPERM')
    return { why: `${shown} cannot be read: ${clean(error instanceof Error ? error.message : String(error))}`, fix: null };

  const closed = firstClosed(path, who);
  const me = `${nameOf(who.table('passwd'), who.uid)}:${nameOf(who.table('group'), who.gid)}`;
  const subject = closed.path === path ? shown : `${shown} cannot be reached: ${clean(closed.path)}`;
  const why =
    closed.stat === null
      ? `permission denied: ${shown}`
      : `permission denied: ${subject} belongs to ${nameOf(who.table('passwd'), closed.stat.uid)}, mode ${(closed.stat.mode & 0o777).toString(8).padStart(3, '0')}`;
  if (path.startsWith('/etc/kubernetes/')) {
    return { why, fix: `mkdir -p ~/.kube && sudo cp ${quoted(path)} ~/.kube/config && sudo chown ${me} ~/.kube/config` };
  }
  return { why, fix: `sudo chown ${closed.path === path ? '' : '-R '}${me} ${quoted(closed.path)}` };
}

const thisProcess: Who = {
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  stat: statSync,
  table(name) {
    try {
      return readFileSync(`/etc/${name}`, 'utf8');
    } catch {
      return '';
    }
  },
};

/** The file itself, or the directory above it that shuts it away. */
function firstClosed(path: string, who: Who): { path: string; stat: { uid: number; mode: number } | null } {
  for (let place = path; ; place = dirname(place)) {
    try {
      return { path: place, stat: who.stat(place) };
    } catch {
      if (place === dirname(place)) return { path, stat: null };
    }
  }
}

function nameOf(table: string, id: number): string {
  const line = table.split('\n').find((entry) => entry.split(':')[2] === String(id));
  if (line !== undefined) return clean(line.split(':')[0] ?? String(id));
  // Directory services (LDAP, SSSD) are not in the file, but the process knows its own name.
  return id === process.getuid?.() ? ownName() : String(id);
}

function ownName(): string {
  try {
    return clean(userInfo().username);
  } catch {
    return String(process.getuid?.());
  }
}

function quoted(path: string): string {
  return /^[\w./@:+,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
