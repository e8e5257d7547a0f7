import { commandLine } from '../../hosts/shell-quote.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { loadedModules } from '../kernel-modules.js';
import { factValue, reachMachine, readFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

const modules = ['nvidia', 'nvidia_uvm'] as const;

/** Loads NVIDIA's driver, and its part that CUDA needs. */
export const loadNvidia: Operation = defineFix({
  id: 'load-nvidia',
  title: "load NVIDIA's driver",
  fields: { host: fieldForms.host },
  headline: (field) => `Load NVIDIA's driver on ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const loaded = loadedModules((await readFile(machine, '/proc/modules')) ?? '');
    const missing = modules.filter((name) => !loaded.has(name));
    if (missing.length === 0) throw nothingToDo(`nvidia and nvidia_uvm are loaded on ${host}`);
    if (loaded.has('nouveau')) throw new Blocked(`nouveau holds the GPUs of ${host}: blacklist it, write the initramfs anew, reboot`);
    const goal = `nvidia and nvidia_uvm are loaded on ${host}`;
    const pci = factValue(machine.facts?.pciGpus);
    return {
      risk: 'safe',
      changes: missing.map((name) => commandChange({ host, text: `Load ${name}`, argv: ['modprobe', name], timeoutMs: 120_000 })),
      warnings: [
        ...(pci === 0 ? [`no NVIDIA device is seen on the PCI bus of ${host}: loading will fail`] : []),
        ...(missing.includes('nvidia') ? ['a device plugin that has given up looking for GPUs may need its pod deleted afterwards'] : []),
      ],
      undo: `${host}# ${commandLine(['modprobe', '-r', ...[...missing].reverse()])}`,
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 90_000,
          goal,
          missing: missingFacts(host, Date.now(), (facts) => {
            const now = factValue(facts.modules);
            if (now === null) return `which modules ${host} has cannot be seen`;
            const absent = modules.filter((name) => !now.includes(name));
            return absent.length === 0 ? null : `${absent.join(' and ')} not loaded on ${host}`;
          }),
        }),
    };
  },
});
