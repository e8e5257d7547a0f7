import type { Bench } from './bench.js';
import type { DemoProcess } from './demo-process.js';
import { openTerminal, type TimedTerminal } from './terminal.js';
import { processorSeconds } from './usage.js';

/** The frame is there, whatever is in it. */
export function isFrame(rows: readonly string[]): boolean {
  return rows.some((row) => row.includes('1 Overview'));
}

/** What `kubectl get nodes` and `kubectl get pods -A` tell is there: every node with its readiness and GPUs, every workload with its pods. */
export function hasNodesAndPods(rows: readonly string[]): boolean {
  const text = rows.join('\n');
  return /─ \d[\d,]* of \d[\d,]* Ready ─╮/.test(text) && /─ \d[\d,]* of \d[\d,]* usable/.test(text) && /Workloads ─+ \d[\d,]* of \d/.test(text);
}

/** Every panel has its content, and the verdict is given. */
export function isWhole(rows: readonly string[]): boolean {
  const text = rows.join('\n');
  return /╭─ (?:Everything came back|Back, with|Not back yet)/.test(text) && !/\bloading\b|sources seen|connecting/.test(text);
}

/** Opens the program on a cluster, in a terminal. */
export function openProgram({ program }: Pick<Bench, 'program'>, { env }: DemoProcess, args: readonly string[] = []): TimedTerminal {
  const [command, ...words] = program;
  return openTerminal([command, ...words, ...args], env);
}

/** Milliseconds from the start of the program to each mark. */
export interface Marks {
  readonly firstFrame: number;
  readonly nodesAndPods: number;
  readonly whole: number;
  /** Processor time of the program until its Overview was whole. */
  readonly processorMs: number;
}

/** Opens the Overview once and leaves it when it is whole. */
export async function overviewMarks(command: readonly [string, ...string[]], { env }: DemoProcess): Promise<Marks> {
  const terminal = openTerminal(command, env);
  try {
    const since = (at: number) => at - terminal.startedAt;
    const [firstFrame, nodesAndPods, whole] = await Promise.all([isFrame, hasNodesAndPods, isWhole].map((mark) => terminal.seen(mark).then(since)));
    return { firstFrame: firstFrame ?? 0, nodesAndPods: nodesAndPods ?? 0, whole: whole ?? 0, processorMs: processorSeconds(terminal.pid) * 1000 };
  } finally {
    await terminal.close();
  }
}
