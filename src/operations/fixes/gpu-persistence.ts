import { listed } from '../../text/wording.js';
import { Blocked, defineFix, fieldForms, nothingToDo } from '../fix.js';
import { reachMachine, readUnit } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import { commandChange } from '../steps.js';
import { lookFor } from '../verification.js';

/** Keeps the driver's state while no program uses a GPU: without it each start of a job initializes the boards first. */
export const gpuPersistence: Operation = defineFix({
  id: 'gpu-persistence',
  title: 'switch persistence mode of GPUs on',
  fields: { host: fieldForms.host },
  headline: (field) => `Switch persistence mode on for the GPUs of ${field('host')}`,
  subject: (field) => field('host'),
  async propose(field, world) {
    const host = field('host');
    const machine = await reachMachine(world, host);
    const report = world.snapshot().machineGpus.value?.get(host)?.report;
    if (report !== undefined && report.status !== 'ok') throw new Blocked(`nvidia-smi on ${host} does not answer: ${report.why}`);
    if (report !== undefined && report.devices.length > 0 && report.devices.every(({ persistence }) => persistence === 'on'))
      throw nothingToDo(`all GPUs of ${host} are in persistence mode`);
    const daemon = await readUnit(machine, 'nvidia-persistenced');
    const installed = daemon.load === 'loaded';
    const enable = daemon.file === 'disabled' || daemon.file === 'enabled';
    const goal = `all GPUs of ${host} are in persistence mode`;
    const lasting = installed && !daemon.command.includes('--no-persistence-mode');
    return {
      risk: 'safe',
      changes: [
        ...(installed && daemon.active !== 'active'
          ? [
              commandChange({
                host,
                text: `Start the persistence daemon${enable ? ', now and at each boot' : ''}`,
                argv: ['systemctl', ...(enable ? ['enable', '--now'] : ['start']), daemon.unit],
              }),
            ]
          : []),
        // Ubuntu's unit starts the daemon with --no-persistence-mode: it has to be told.
        commandChange({ host, text: 'Switch it on for all GPUs', argv: ['nvidia-smi', '-pm', '1'], timeoutMs: 90_000 }),
      ],
      warnings: lasting
        ? []
        : [
            installed
              ? "the daemon's unit says --no-persistence-mode: after the next boot it is off again"
              : 'there is no persistence daemon on it: after the next boot it is off again',
          ],
      undo: `${host}# nvidia-smi -pm 0`,
      goal,
      verify(seen, signal) {
        const since = Date.now();
        return lookFor(seen, signal, {
          within: 90_000,
          goal,
          missing({ machineGpus }) {
            const gpus = machineGpus.value?.get(host);
            if (gpus === undefined || gpus.at < since) return `the GPUs of ${host} have not been looked at since`;
            if (gpus.report.status !== 'ok') return `nvidia-smi on ${host} does not answer: ${gpus.report.why}`;
            const off = gpus.report.devices.filter(({ persistence }) => persistence !== 'on');
            return off.length === 0 ? null : `GPU ${listed(off.map(({ index }) => String(index)))} of ${host} not in persistence mode`;
          },
        });
      },
    };
  },
});
