import { duration } from '../../text/age.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { ask, factValue, hasProgram, type Machine, reachMachine, readUnit } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { type Change, commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** Names of the programs that keep time, by distribution. */
const services = ['chrony.service', 'chronyd.service', 'systemd-timesyncd.service'] as const;

/** Gets a machine's clock back in step: joins, certificates, leases and etcd all rest on it. */
export const timeSync: Operation = defineFix({
  id: 'time-sync',
  title: "synchronize a machine's clock",
  fields: { host: fieldForms.host },
  headline: (field) => `Synchronize the clock of ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const said = await ask(machine, ['timedatectl', 'show', '-p', 'NTP', '-p', 'CanNTP', '-p', 'NTPSynchronized']);
    if (said === null) throw new Blocked(`timedatectl on ${host} does not answer`);
    const skew = factValue(machine.facts?.clockSkewMs) ?? 0;
    if (/^NTPSynchronized=yes$/m.test(said) && Math.abs(skew) < 2000) throw nothingToDo(`the clock of ${host} is synchronized`);
    const goal = `the clock of ${host} is synchronized`;
    const far = Math.abs(skew) >= 1000;
    return {
      risk: far ? 'disruptive' : 'safe',
      changes: await serviceChanges(machine, /^CanNTP=yes$/m.test(said)),
      warnings: [
        ...(far
          ? [`it is ${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this machine's clock and will jump: leases and timers there notice`]
          : []),
        'it needs a time server that can be reached: those of its distribution, unless others are configured',
      ],
      undo: `${host}# timedatectl set-ntp false`,
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 120_000,
          goal,
          missing: missingFacts(host, Date.now(), (facts) => {
            const synchronized = factValue(facts.timeSynchronized);
            if (synchronized === null) return `whether the clock of ${host} is synchronized cannot be seen`;
            return synchronized ? null : `the clock of ${host} is not synchronized yet: see that its time servers can be reached`;
          }),
        }),
    };
  },
});

async function serviceChanges(machine: Machine, canSwitch: boolean): Promise<readonly Change[]> {
  const host = machine.name;
  for (const unit of services) {
    const { load } = await readUnit(machine, unit);
    if (load !== 'loaded' && load !== 'masked') continue;
    return [
      ...(load === 'masked' ? [commandChange({ host, text: `Let ${unit} be started again (unmask)`, argv: ['systemctl', 'unmask', unit] })] : []),
      canSwitch
        ? commandChange({ host, text: 'Switch time synchronization on', argv: ['timedatectl', 'set-ntp', 'true'] })
        : commandChange({ host, text: `Start ${unit} now and at each boot`, argv: ['systemctl', 'enable', '--now', unit] }),
      // After its start it steps the clock once; while it runs it only slews, which takes hours for minutes.
      commandChange({ host, text: `Let ${unit} ask its servers anew`, argv: ['systemctl', 'restart', unit] }),
    ];
  }
  if (!(await hasProgram(machine, ['apt-get', '--version']))) throw new Blocked(`nothing on ${host} keeps its time: install chrony there`);
  return [
    commandChange({
      host,
      text: 'Install chrony',
      argv: ['apt-get', 'install', '-y', 'chrony'],
      env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'a' },
      timeoutMs: 300_000,
    }),
    commandChange({ host, text: 'Start it now and at each boot', argv: ['systemctl', 'enable', '--now', 'chrony.service'] }),
  ];
}
