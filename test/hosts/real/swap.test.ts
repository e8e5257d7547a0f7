import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Machine, ownDisk } from './machine.js';
import { useMachines } from './machines.js';
import { type Mending, mendMachines, undoCommand } from './mending.js';

// Machines that share a small computer may take their time.
vi.setConfig({ testTimeout: 120_000 });

const swapFile = `${ownDisk}/swap.img`;

/** The kernel's list of swap areas is the computer's, and swapoff -a means all of them. */
const computerSwaps = () => readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1;

describe('swap on a machine with systemd is switched off for good', () => {
  const room = useMachines('gpu-1');
  let mending: Mending | null = null;
  afterEach(async () => {
    await mending?.close();
    mending = null;
  });
  const start = () => {
    mending = mendMachines(room.machines);
    return mending;
  };
  const machine = () => room.machines.of('gpu-1');
  const inside = (path: string) => join(machine().root, path);
  const unitState = () => machine().run('sh', '-c', 'systemctl is-enabled swap.img.swap || true');

  it('where it is in use, and its undo brings it back with fstab as it was', async (context) => {
    if (computerSwaps()) return context.skip('this computer swaps itself');
    const why = makeSwap(machine());
    if (why !== null) return context.skip(`no swap can be had in a container here: ${why}`);
    const entry = `\t${swapFile}  none\tswap\tsw,pri=3 0 0\n`;
    const fstab = `# /etc/fstab\ntmpfs /srv/later tmpfs noauto 0 0\n${entry}`;
    writeFileSync(inside('etc/fstab'), fstab);
    machine().run('systemctl', 'daemon-reload');
    machine().run('swapon', '-a');
    try {
      const { finding, plan } = await start().mend('swap-zero');
      expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining(`gpu-1 has swap on: ${swapFile}`) });
      expect(machine().run('cat', '/proc/swaps').split('\n')).toHaveLength(1);
      expect(readFileSync(inside('etc/fstab'), 'utf8')).toBe(`# /etc/fstab\ntmpfs /srv/later tmpfs noauto 0 0\n#gpuk8s ${entry}`);
      machine().run('sh', '-c', undoCommand(plan));
      expect(readFileSync(inside('etc/fstab'), 'utf8')).toBe(fstab);
      expect(machine().run('cat', '/proc/swaps')).toContain(swapFile);
    } finally {
      machine().run('sh', '-c', `swapoff ${swapFile} || true; rm -f ${swapFile}`);
    }
  });

  it('where only fstab brings it back: its undo leaves fstab byte for byte as it was', async () => {
    const fstab = '# no newline at the end\n/swap.img none swap sw 0 0';
    writeFileSync(inside('etc/fstab'), fstab, { mode: 0o644 });
    machine().run('systemctl', 'daemon-reload');
    const { finding, plan } = await start().mend('swap-zero');
    expect(finding).toMatchObject({ status: 'warn', message: expect.stringContaining('/swap.img in /etc/fstab') });
    machine().run('sh', '-c', undoCommand(plan));
    expect(readFileSync(inside('etc/fstab'), 'utf8')).toBe(fstab);
    rmSync(inside('etc/fstab'));
    machine().run('systemctl', 'daemon-reload');
  });

  it('where a unit written by hand brings it back, which cannot be masked', async () => {
    writeFileSync(inside('etc/systemd/system/swap.img.swap'), `[Swap]\nWhat=/swap.img\n[Install]\nWantedBy=swap.target\n`);
    machine().run('systemctl', 'daemon-reload');
    machine().run('systemctl', 'enable', 'swap.img.swap');
    const { finding, plan } = await start().mend('swap-zero');
    expect(finding.message).toContain('swap.img.swap (enabled)');
    expect(plan.items.map(({ exact }) => exact)).toEqual(['gpu-1# systemctl disable swap.img.swap']);
    expect(unitState()).toBe('disabled');
    machine().run('sh', '-c', undoCommand(plan));
    expect(unitState()).toBe('enabled');
    machine().run('systemctl', 'disable', 'swap.img.swap');
    rmSync(inside('etc/systemd/system/swap.img.swap'));
    machine().run('systemctl', 'daemon-reload');
  });

  it('and a plan that is older than what somebody did meanwhile changes nothing', async () => {
    writeFileSync(inside('etc/fstab'), '/swap.img none swap sw 0 0\n');
    machine().run('systemctl', 'daemon-reload');
    const { desk, otherDesk, found, look, journal } = start();
    const ref = (await found('swap-zero'))?.fix?.operation;
    if (ref === undefined) throw new Error('nothing to mend it with');
    const other = otherDesk();
    const [mine, theirs] = [await desk.plan(ref), await other.plan(ref)];
    expect(await other.finished(await other.start(theirs, null))).toMatchObject({ state: 'done' });
    const written = readFileSync(inside('etc/fstab'), 'utf8');
    const late = await desk.finished(await desk.start(mine, null));
    const [first, ...others] = late.items;
    expect({ state: late.state, said: first?.said }).toEqual({ state: 'failed', said: expect.stringContaining('did NOT match') });
    expect(new Set(others.map(({ state }) => state))).toEqual(new Set(['skipped']));
    expect(readFileSync(inside('etc/fstab'), 'utf8')).toBe(written);
    // The copy is the file of before all of it, not what the other program wrote.
    expect(machine().run('sh', '-c', 'cat /var/backups/gpuk8s/etc/fstab*')).toContain('/swap.img none swap sw 0 0');
    await look('gpu-1');
    await expect(desk.plan(ref)).rejects.toThrow('nothing to do: gpu-1 has no swap');
    const { entries, unreadable } = await journal.read();
    expect({ results: entries.map(({ result }) => result), unreadable }).toEqual({ results: ['failed', 'done'], unreadable: [] });
    rmSync(inside('etc/fstab'));
  });
});

/** A swap area in a file of the machine; why there is none, where the kernel lets a container have none. */
function makeSwap(machine: Machine): string | null {
  try {
    machine.run(
      'sh',
      '-c',
      `dd if=/dev/zero of=${swapFile} bs=1M count=4 2>/dev/null && chmod 600 ${swapFile} && mkswap ${swapFile} && swapon ${swapFile} && swapoff ${swapFile}`,
    );
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
  }
}
