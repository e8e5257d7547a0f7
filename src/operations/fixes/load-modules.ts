import { listed } from '../../text/wording.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import { builtInModules, canonical, moduleChanges } from '../kernel-modules.js';
import { factValue, reachMachine } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { lookFor, missingFacts } from '../verification.js';

/** Loads kernel modules now and at each boot. */
export const loadModules: Operation = defineFix({
  id: 'load-modules',
  title: 'load kernel modules, now and at each boot',
  fields: { host: fieldForms.host, modules: fieldForms.words },
  headline: (field) => `Load ${listed(wordsOf(field('modules')))} on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const modules = wordsOf(field('modules'));
    const machine = await reachMachine(world, host);
    const { changes, undo } = await moduleChanges(machine, modules);
    if (changes.length === 0) throw nothingToDo(`${listed(modules)} ${modules.length === 1 ? 'is' : 'are'} loaded on ${host}, and at each boot`);
    const goal = `${listed(modules)} loaded on ${host}, and at each boot`;
    return {
      risk: 'safe',
      changes,
      undo: `${host}# ${undo.join('; ')}`,
      goal,
      async verify(seen, signal) {
        const builtIn = await builtInModules(machine, modules);
        const missing = missingFacts(host, Date.now(), (facts) => {
          const loaded = factValue(facts.modules);
          if (loaded === null) return `which modules ${host} has cannot be seen`;
          const absent = modules.filter((name) => !loaded.includes(canonical(name)) && !builtIn.has(name));
          return absent.length === 0 ? null : `${listed(absent)} not loaded on ${host}`;
        });
        return lookFor(seen, signal, { within: 90_000, goal, missing });
      },
    };
  },
});

function wordsOf(text: string): readonly string[] {
  return [...new Set(text.split(/ +/))];
}
