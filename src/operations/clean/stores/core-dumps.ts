import { counted } from '../../../text/wording.js';
import { deletionBelow, existing, filesBelow, sum } from '../disk-files.js';
import type { Store } from './store.js';

const folders = ['/var/lib/systemd/coredump', '/var/crash'];

/** Memory of programs that crashed. Somebody may still want to look into it. */
export const coreDumps: Store = {
  id: 'core-dumps',
  title: 'core dumps and crash reports',
  harm: 'why these programs crashed can no longer be found out',
  risk: 'destructive',
  ticked: false,
  async measure(look) {
    const there = await existing(look, folders);
    const files = there.length === 0 ? [] : await filesBelow(look, there, []);
    return {
      bytes: sum(files),
      exact: true,
      how: `${counted(files.length, 'file')} in ${folders.join(' and ')}`,
      path: there[0] ?? '/',
      parts: [],
      commands: () => (files.length === 0 ? [] : [{ argv: deletionBelow(there, []), timeoutMs: 120_000 }]),
    };
  },
};
