import { backupPath } from '../backups.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import { factValue, reachMachine, readUnit, statFile } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor, missingFacts } from '../verification.js';

/** What older guides wrote once and for all: it names the libraries of a driver long gone, and wins over nothing. */
const staticSpec = '/etc/cdi/nvidia.yaml';
const spec = '/var/run/cdi/nvidia.yaml';

/** Writes anew what tells the container runtime which devices and driver libraries a GPU is made of. */
export const refreshCdi: Operation = defineFix({
  id: 'refresh-cdi',
  title: "write a machine's CDI specification anew",
  fields: { host: fieldForms.host },
  headline: (field) => `Write the CDI specification of ${field('host')} anew`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const service = await readUnit(machine, 'nvidia-cdi-refresh.service');
    const path = await readUnit(machine, 'nvidia-cdi-refresh.path');
    const old = await statFile(machine, staticSpec);
    const [cdi, driver] = [factValue(machine.facts?.cdi), factValue(machine.facts?.driver)];
    const current =
      cdi !== null && cdi.devices.length > 0 && cdi.spec !== staticSpec && driver !== null && driver.module !== null && cdi.driverVersion === driver.module;
    if (current && old === null && path.file !== 'disabled') throw nothingToDo(`${cdi.spec} on ${host} is of driver ${cdi.driverVersion}`);
    const installed = service.load === 'loaded';
    const goal = `${spec} on ${host} names its GPUs and the loaded driver`;
    return {
      risk: 'safe',
      changes: [
        ...(old === null
          ? []
          : [
              commandChange({ host, text: 'Make a place for the old specification', argv: ['install', '-d', '-m', '700', backupPath('/etc/cdi')] }),
              commandChange({ host, text: 'Put the old specification aside', argv: ['mv', '-f', '--', staticSpec, backupPath(staticSpec)] }),
            ]),
        ...(installed
          ? [
              ...(path.file === 'disabled'
                ? [commandChange({ host, text: 'Write it at each boot and driver change', argv: ['systemctl', 'enable', '--now', path.unit] })]
                : []),
              commandChange({ host, text: 'Write it now', argv: ['systemctl', 'restart', service.unit], timeoutMs: 90_000 }),
            ]
          : [
              commandChange({ host, text: 'Make its folder', argv: ['install', '-d', '-m', '755', '/var/run/cdi'] }),
              commandChange({ host, text: 'Write it now', argv: ['nvidia-ctk', 'cdi', 'generate', `--output=${spec}`], timeoutMs: 90_000 }),
            ]),
      ],
      warnings: installed ? [] : ['the toolkit on it has no nvidia-cdi-refresh (before 1.18): it has to be written again after each boot and driver change'],
      undo: old === null ? null : `${host}# mv -f -- ${backupPath(staticSpec)} ${staticSpec}`,
      goal,
      verify: (seen, signal) =>
        lookFor(seen, signal, {
          within: 90_000,
          goal,
          missing: missingFacts(host, Date.now(), (facts) => {
            const [now, loaded] = [factValue(facts.cdi), factValue(facts.driver)];
            if (now === null) return `${host} shows no CDI specification: ${facts.cdi.known ? '' : facts.cdi.why}`;
            if (now.devices.length === 0) return `${now.spec} on ${host} names no GPU`;
            if (loaded === null || loaded.module === null || now.driverVersion === loaded.module) return null;
            return `${now.spec} on ${host} is of driver ${now.driverVersion ?? 'unknown'}, loaded is ${loaded.module}`;
          }),
        }),
    };
  },
});
