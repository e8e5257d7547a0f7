import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentAsker } from '../../src/hosts/asker.js';
import { startHostFeed } from '../../src/hosts/host-feed.js';
import { createStore } from '../../src/state/store.js';
import { until } from '../kube/until.js';
import { plainReader } from './fake-machines.js';
import { hasSshd, type SshLab, sshLab } from './sshd.js';

const probeScript = readFileSync(new URL('../../assets/probe/probe.sh', import.meta.url), 'utf8');

describe.skipIf(!hasSshd)('three machines with a real OpenSSH server', () => {
  let lab: SshLab;
  beforeAll(() => {
    lab = sshLab();
  });
  afterAll(() => lab.close());

  it('give their facts side by side, and the one that is cut off gives them again', async () => {
    const key = lab.key('id_ops');
    const names = ['gpu-1', 'gpu-2', 'lb'];
    const servers = await Promise.all(names.map((name) => lab.start({ hostKeys: [lab.hostKey(name)] })));
    for (const [index, { port }] of servers.entries()) lab.trust(port, lab.hostKey(names[index] ?? ''));
    const store = createStore({ flushMs: 1, settleMs: 0 });
    const each = Object.fromEntries(names.map((name, index) => [name, { address: '127.0.0.1', port: servers[index]?.port ?? 0 }]));
    const settings = { user: lab.user, key, each };
    const feed = startHostFeed({
      store,
      client: null,
      settings,
      asker: silentAsker(false),
      everyMs: 300,
      env: {},
      homeDir: lab.home,
      probeScript,
      gpus: plainReader,
    });
    const connected = () => names.filter((name) => store.snapshot().hosts.value?.get(name)?.contact.status === 'connected');
    try {
      await until(() => connected().length === 3, 15_000);
      const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      for (const name of names)
        expect(store.snapshot().hosts.value?.get(name)?.facts).toMatchObject({ bootId: { known: true, value: bootId }, load: { known: true } });

      const before = store.snapshot().hosts.value?.get('gpu-2')?.facts?.at ?? 0;
      servers[1]?.killConnections();
      await until(() => connected().length === 3 && (store.snapshot().hosts.value?.get('gpu-2')?.facts?.at ?? 0) > before + 300, 20_000);
    } finally {
      feed.close();
      store.close();
    }
  });
});
