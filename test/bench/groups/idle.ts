import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tabs } from '../../../views/screens/screen-ids.js';
import type { Bench } from '../bench.js';
import { type DemoProcess, withDemo } from '../demo-process.js';
import { collect } from '../interleaved.js';
import { atMost, type Measurement, mean, measurement } from '../measurement.js';
import { isFrame, openProgram } from '../overview.js';
import { type RequestCounter, startRequestCounter } from '../request-counter.js';
import type { TimedTerminal } from '../terminal.js';
import { processorSeconds } from '../usage.js';

/** So long that whatever is asked again every 15 seconds falls into each window once. */
const windowSeconds = 15;
/** Until the machines are logged in to, and what is loaded late is there. */
const settleSeconds = 20;

/** What each screen costs while nothing happens and nobody types: all of them open at once, so that they are compared over the same minutes. */
export async function idle(bench: Bench): Promise<readonly Measurement[]> {
  return withDemo(bench, [], async (demo) => {
    const screens: IdleScreen[] = [];
    try {
      for (const { id } of tabs) screens.push(await openIdle(bench, demo, id));
      await pause(settleSeconds * 1000);
      const atFirst = screens.map(({ counter }) => counter.asked());
      const samples = collect();
      for (let round = 0; round < bench.rounds; round += 1) {
        const before = screens.map(look);
        await pause(windowSeconds * 1000);
        screens.forEach((screen, index) => {
          const [then, now] = [before[index] ?? look(screen), look(screen)];
          const seconds = (now.at - then.at) / 1000;
          samples.add(`${screen.id}-processor`, ((now.processor - then.processor) / seconds) * 100);
          samples.add(`${screen.id}-bytes`, (now.bytes - then.bytes) / 1024 / seconds);
          samples.add(`${screen.id}-requests`, ((now.requests - then.requests) / seconds) * 60);
          samples.add(`${screen.id}-reads`, ((now.reads - then.reads) / seconds) * 60);
        });
      }
      tellReads(bench, screens, atFirst);
      return tabs.flatMap(({ id, name }) => {
        const line = (kind: string) => ({ id: `idle/${id}-${kind}`, samples: samples.of(`${id}-${kind}`) });
        const judged = id === 'overview';
        return [
          measurement({ ...line('processor'), what: `processor, ${name}`, unit: '%' }, judged ? { bar: atMost(1.5, '%') } : {}),
          measurement({ ...line('bytes'), what: `to the terminal, ${name}`, unit: 'KB/s' }, judged ? { bar: atMost(1.5, 'KB/s') } : {}),
          measurement({ ...line('requests'), what: `requests through the API server, ${name}`, unit: 'per minute' }),
          // Most windows have none: the median would hide what is asked each minute.
          measurement(
            { ...line('reads'), what: `of these, what could be watched, ${name}`, unit: 'per minute' },
            { value: mean(samples.of(`${id}-reads`)), bar: atMost(0, 'per minute') },
          ),
        ];
      });
    } finally {
      for (const { terminal, counter } of screens) {
        await terminal.close();
        counter.close();
      }
    }
  });
}

interface IdleScreen {
  readonly id: string;
  readonly terminal: TimedTerminal;
  readonly counter: RequestCounter;
}

async function openIdle(bench: Bench, demo: DemoProcess, id: string): Promise<IdleScreen> {
  const counter = await startRequestCounter(demo.server);
  const kubeconfig = join(bench.folder, `counted-${id}`);
  writeFileSync(kubeconfig, counter.kubeconfig(readFileSync(demo.kubeconfig, 'utf8')), { mode: 0o600 });
  const terminal = openProgram(bench, demo, ['--kubeconfig', kubeconfig, '--screen', id]);
  await terminal.seen(isFrame);
  return { id, terminal, counter };
}

function look({ terminal, counter }: IdleScreen) {
  const asked = [...counter.asked()];
  const count = (which: typeof asked) => which.reduce((sum, [, times]) => sum + times, 0);
  return {
    at: performance.now(),
    processor: processorSeconds(terminal.pid),
    bytes: terminal.bytes(),
    requests: count(asked),
    reads: count(asked.filter(isRead)),
  };
}

/** What a watch could have told: neither a watch, nor a question that the API server only passes on, nor whether it is ready. */
function isRead([path]: readonly [string, number]): boolean {
  return path.startsWith('GET ') && !path.endsWith('?watch') && !path.includes('/proxy/') && !/^GET \/(?:readyz|livez|version)/.test(path);
}

/** What is asked again and again, for whoever wonders about the numbers. */
function tellReads(bench: Bench, screens: readonly IdleScreen[], before: readonly ReadonlyMap<string, number>[]): void {
  screens.forEach(({ id, counter }, index) => {
    const again = [...counter.asked()].filter(isRead).flatMap(([path, times]) => {
      const since = times - (before[index]?.get(path) ?? 0);
      return since > 0 ? [`${path} ${since}`] : [];
    });
    if (again.length > 0) bench.say(`${id} read while idle: ${again.join(', ')}`);
  });
}
