import { describe, expect, it } from 'vitest';
import type { HostCommand, HostResult } from '../../../src/hosts/host.js';
import { HostError } from '../../../src/hosts/host-error.js';
import { hostReboots } from '../../../src/operations/setup/reboot.js';
import type { Seat } from '../../../src/operations/setup/work.js';
import { hostSeat } from '../../../src/runbooks/step-script.js';
import { ended } from '../a-world.js';
import { aStep } from './a-step.js';

const away = new HostError('unreachable', 'connect ECONNREFUSED 10.0.0.12:22');

/** A host that boots as the test says: what `cat boot_id` answers, one after another; the last for good. */
function aHost({
  boots = ['one', 'two'],
  nodes = ['gpu-1', 'gpu-2'],
  cordoned = [],
  kubectl = () => ended(0),
  isLocal = false,
  rebootExit = 0,
  journal = [],
}: {
  readonly boots?: readonly (string | Error)[];
  readonly nodes?: readonly string[];
  readonly cordoned?: readonly string[];
  readonly kubectl?: (words: string) => HostResult;
  readonly isLocal?: boolean;
  readonly rebootExit?: number;
  /** What it logged last, each time that it is asked; the last for good. */
  readonly journal?: readonly string[];
} = {}) {
  const done: string[] = [];
  const shown: string[] = [];
  const answers = [...boots];
  const logged = [...journal];
  let clock = 0;
  const run = async ({ argv }: HostCommand): Promise<HostResult> => {
    const words = argv.join(' ');
    if (words.startsWith('cat ')) {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return ended(0, { stdout: `${answer}\n` });
    }
    if (words.startsWith('sudo -n -- journalctl')) {
      const line = logged.length > 1 ? logged.shift() : logged[0];
      return ended(0, { stdout: line === undefined ? '' : `${line}\n` });
    }
    if (words === 'kubectl --context lab get nodes -o json') {
      const items = nodes.map((name) => ({
        metadata: { name },
        spec: cordoned.includes(name) ? { unschedulable: true } : {},
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }));
      return ended(0, { stdout: JSON.stringify({ items }) });
    }
    done.push(words);
    return words.startsWith('kubectl') ? kubectl(words) : ended(0);
  };
  const seat: Seat = {
    machine: 'gpu-1',
    isLocal,
    sudo: true,
    script: hostSeat,
    host: async () => ({ name: 'gpu-1', road: 'ssh gpu-1', run, close: () => undefined }),
  };
  const reboots = hostReboots({
    step: aStep('cgroups', { reboots: true }),
    name: 'gpu-1',
    seat,
    cluster: nodes.length === 0 ? null : { ...seat, sudo: false, script: { ...hostSeat, kubeContext: 'lab' } },
    async script(body) {
      const words = body.includes('systemctl reboot') ? 'reboot' : body.includes('rm -f') ? 'forget drained' : 'note drained';
      done.push(words);
      return {
        exit: words === 'reboot' ? rebootExit : 0,
        lines: [],
        heldBy: null,
        broken: null,
        late: false,
        mark: 'begun',
        boot: 'same',
        drained: false,
        unmarked: null,
        unleased: null,
        gives: new Map(),
      };
    },
    async pause(ms) {
      clock += ms;
    },
    leaving: new AbortController().signal,
    now: () => clock,
  });
  return { reboots, done, shown, show: (seen: string) => void shown.push(seen) };
}

describe('the reboot of a host', () => {
  it('moves its pods elsewhere first, waits for another boot, and takes pods again', async () => {
    const { reboots, done, shown, show } = aHost({ boots: ['one', 'one', away, 'two'] });
    expect(await reboots.reboot(false, show)).toBeNull();
    expect(done).toEqual([
      'note drained',
      'kubectl --context lab drain gpu-1 --ignore-daemonsets --delete-emptydir-data --timeout=300s',
      'reboot',
      'systemctl is-system-running --wait',
      'kubectl --context lab uncordon gpu-1',
    ]);
    expect(shown).toEqual(expect.arrayContaining(['5s: it still runs, and has not gone down yet', '10s: connect ECONNREFUSED 10.0.0.12:22']));
  });

  it('leaves the pods where no other node could take them', async () => {
    const alone = aHost({ nodes: ['gpu-1'] });
    expect(await alone.reboots.reboot(false, alone.show)).toBeNull();
    expect(alone.done).toEqual(['reboot', 'systemctl is-system-running --wait']);
    const none = aHost({ nodes: [] });
    expect(await none.reboots.reboot(false, none.show)).toBeNull();
    expect(none.done).toEqual(['reboot', 'systemctl is-system-running --wait']);
  });

  it('leaves a node cordoned that was so before', async () => {
    const { reboots, done, show } = aHost({ cordoned: ['gpu-1'] });
    expect(await reboots.reboot(false, show)).toBeNull();
    expect(done.join()).not.toContain('uncordon');
  });

  it('takes pods again where it was emptied by a program that ended before', async () => {
    const { reboots, done, show } = aHost({ cordoned: ['gpu-1'] });
    expect(await reboots.reboot(true, show)).toBeNull();
    expect(done.at(-1)).toBe('kubectl --context lab uncordon gpu-1');
  });

  it('does not reboot while its pods cannot be moved, and takes pods as before', async () => {
    const { reboots, done, show } = aHost({
      kubectl: (words) => (words.includes('drain') ? ended(1, { stderr: 'error: cannot evict pod ai/whisper: disruption budget\n' }) : ended(0)),
    });
    expect(await reboots.reboot(false, show)).toBe(
      'not rebooted, since its pods cannot be moved elsewhere: error: cannot evict pod ai/whisper: disruption budget',
    );
    expect(done).toContain('kubectl --context lab uncordon gpu-1');
    expect(done).toContain('forget drained');
    expect(done).not.toContain('reboot');
  });

  it('does not boot twice', async () => {
    const { reboots, done, show } = aHost({ rebootExit: 90, boots: ['two'] });
    expect(await reboots.reboot(true, show)).toBeNull();
    expect(done.at(-1)).toBe('kubectl --context lab uncordon gpu-1');
  });

  it('says what was seen last of a host that does not come back: what its port did, and how its journal ended', async () => {
    const refuses = new HostError('unreachable', 'gpu-1 (10.0.0.12) refuses connections on port 22', { fix: 'start sshd there' });
    const at = new Date(2026, 10, 21, 12, 1, 33).getTime() / 1000;
    const { reboots, shown, show } = aHost({
      boots: ['one', 'one', 'one', away, refuses],
      journal: [`${at}.507733 gpu-1 systemd-logind[702]: The system will reboot now!`, `${at + 4}.1 gpu-1 systemd[1]: Stopping \x1b[31mkubelet.service...`],
    });
    expect(await reboots.reboot(false, show)).toBe(
      'gpu-1 did not come back within 15m of its reboot. Seen last, for 14m: gpu-1 (10.0.0.12) refuses connections on port 22. Its journal said last: 12:01:37 systemd[1]: Stopping kubelet.service...',
    );
    expect(shown).toContain('20s: gpu-1 (10.0.0.12) refuses connections on port 22');
  });

  it('says of a host that does not go down at all what holds it up', async () => {
    const { reboots, show } = aHost({ boots: ['one'], journal: ['1793628130.5 gpu-1 systemd[1]: data.mount: Unmounting timed out'] });
    const why = await reboots.reboot(false, show);
    expect(why).toMatch(
      /Seen last, for \d+m: it still runs, and has not gone down yet\. Its journal said last: \d\d:\d\d:\d\d systemd\[1\]: data\.mount: Unmounting timed out$/,
    );
  });

  it('says no more than it saw of a host without a journal', async () => {
    const { reboots, show } = aHost({ boots: ['one', away] });
    expect(await reboots.reboot(false, show)).toBe('gpu-1 did not come back within 15m of its reboot. Seen last, for 15m: connect ECONNREFUSED 10.0.0.12:22');
  });

  it('waits for the API server to come back before it gives up letting it take pods', async () => {
    let asked = 0;
    const { reboots, show } = aHost({
      kubectl(words) {
        asked += words.includes('uncordon') ? 1 : 0;
        return words.includes('uncordon') && asked < 4 ? ended(1, { stderr: 'connection refused\n' }) : ended(0);
      },
    });
    expect(await reboots.reboot(false, show)).toBeNull();
    expect(asked).toBe(4);
  });

  it('does not reboot the machine it runs on itself', async () => {
    const { reboots, done, show } = aHost({ isLocal: true });
    expect(await reboots.reboot(false, show)).toContain('this program runs on gpu-1 and would end with it');
    expect(done).toEqual([]);
  });
});
