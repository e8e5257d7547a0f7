import { counted } from '../../../text/wording.js';
import { deletionBelow, filesBelow, sum } from '../disk-files.js';
import type { Store } from './store.js';

const tests = [
  ...['(', '-name', '*.gz', '-o', '-name', '*.xz', '-o', '-name', '*.bz2', '-o', '-name', '*.zst', '-o', '-name', '*.old'],
  ...['-o', '-name', '*.[0-9]', '-o', '-name', '*.[0-9][0-9]', '-o', '-name', '*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]', ')'],
  // These have owners of their own.
  ...['!', '-path', '/var/log/journal/*', '!', '-path', '/var/log/pods/*', '!', '-path', '/var/log/containers/*'],
  ...['-mtime', '+7'],
];

/** Logs that were rotated away more than a week ago. */
export const rotatedLogs: Store = {
  id: 'rotated-logs',
  title: 'rotated logs older than a week',
  harm: 'what these logs said is gone',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    const files = await filesBelow(look, ['/var/log'], tests);
    return {
      bytes: sum(files),
      exact: true,
      how: `${counted(files.length, 'file')} below /var/log`,
      path: '/var/log',
      parts: [],
      commands: () => (files.length === 0 ? [] : [{ argv: deletionBelow(['/var/log'], tests), timeoutMs: 120_000 }]),
    };
  },
};
