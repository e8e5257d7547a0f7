import { filesBelow, sum } from '../disk-files.js';
import type { Store } from './store.js';

/** What apt has downloaded, and the lists that it makes anew. */
export const apt: Store = {
  id: 'apt',
  title: 'downloaded packages',
  harm: 'apt downloads a package again when it is installed again',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    await look.ask(['apt-get', '--version']);
    const goes = ['(', '-name', '*.deb', '-o', '-path', '/var/cache/apt/archives/partial/*', '-o', '-name', '*pkgcache.bin', ')'];
    const total = sum(await filesBelow(look, ['/var/cache/apt'], goes));
    return {
      bytes: total,
      exact: true,
      how: 'packages and indexes in /var/cache/apt',
      path: '/var/cache/apt',
      parts: [],
      commands: () => (total === 0 ? [] : [{ argv: ['apt-get', 'clean'], env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 120_000 }]),
    };
  },
};
