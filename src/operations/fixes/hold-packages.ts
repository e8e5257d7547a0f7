import { listed } from '../../text/wording.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { ask, factValue, hasProgram, reachMachine } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** Keeps packages from being upgraded along with all others: a kubelet or a driver that changes by night is found broken after the next boot. */
export const holdPackages: Operation = defineFix({
  id: 'hold-packages',
  title: 'keep packages at their version',
  fields: { host: fieldForms.host, packages: fieldForms.words },
  headline: (field) => `Hold ${listed(field('packages').split(/ +/), 6)} on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const wanted = [...new Set(field('packages').split(/ +/))];
    const machine = await reachMachine(world, host);
    if (!(await hasProgram(machine, ['apt-mark', 'showhold']))) {
      throw new Blocked(`there is no apt on ${host}: lock ${listed(wanted)} with its own package manager (dnf versionlock add)`);
    }
    const held = linesOf((await ask(machine, ['apt-mark', 'showhold'])) ?? '');
    // It ends with 1 where one of them is not known, and still tells of the others.
    const { stdout } = await machine.host.run({ argv: ['dpkg-query', '-W', '-f', `\${Package} \${db:Status-Status}\\n`, ...wanted] });
    const known = linesOf(stdout);
    const installed = wanted.filter((name) => known.has(`${name} installed`));
    const loose = installed.filter((name) => !held.has(name));
    const absent = wanted.filter((name) => !installed.includes(name));
    if (installed.length === 0) throw new Blocked(`none of ${listed(wanted)} is installed on ${host}`);
    if (loose.length === 0) throw nothingToDo(`${listed(installed)} ${installed.length === 1 ? 'is' : 'are'} held on ${host}`);
    const goal = `${listed(loose)} held on ${host}`;
    return {
      risk: 'safe',
      changes: [
        commandChange({
          host,
          text: `Keep ${listed(loose)} at ${loose.length === 1 ? 'its version' : 'their versions'}`,
          argv: ['apt-mark', 'hold', ...loose],
        }),
      ],
      warnings: [
        ...(absent.length === 0 ? [] : [`${listed(absent)} ${absent.length === 1 ? 'is' : 'are'} not installed and left out`]),
        'security updates of them have to be installed by hand from now on',
      ],
      undo: `${host}# apt-mark unhold ${loose.join(' ')}`,
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 90_000,
          goal,
          missing: missingFacts(host, Date.now(), (facts) => {
            const holds = factValue(facts.packageHolds);
            if (holds === null) return `which packages ${host} holds cannot be seen`;
            const left = loose.filter((name) => !holds.includes(name));
            return left.length === 0 ? null : `${listed(left)} not held on ${host}`;
          }),
        }),
    };
  },
});

function linesOf(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').map((line) => line.trim()));
}
