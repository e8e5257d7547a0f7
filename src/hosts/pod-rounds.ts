import { pause } from '../kube/backoff.js';
import type { GpuReport, GpuSource } from '../state/gpu-devices.js';
import { createGate } from './gate.js';
import type { ClusterGpuSources } from './gpu-sources-cluster.js';

export interface PodRounds {
  /** A machine cannot be looked at, or pods have come: look now if nothing was looked at in the last moments. */
  soon(): void;
  close(): void;
}

/** Asks the pods of all nodes that need it, round after round, several at once. */
export function startPodRounds({
  sources,
  nodes,
  everyMs,
  firstMs,
  found,
  done,
}: {
  readonly sources: ClusterGpuSources;
  /** The nodes whose machines tell nothing of their GPUs. */
  readonly nodes: () => readonly string[];
  readonly everyMs: number;
  /** Until the first round: a shell on the machine is the better source and should have its chance. */
  readonly firstMs: number;
  readonly found: (node: string, gpus: { readonly source: GpuSource; readonly report: GpuReport }) => void;
  readonly done: () => void;
}): PodRounds {
  const ending = new AbortController();
  const { signal } = ending;
  const gate = createGate(2);
  let timer: NodeJS.Timeout | null = null;
  let due = performance.now() + firstMs;
  let running = false;
  let lastAt = performance.now();

  const arm = (at: number) => {
    if (signal.aborted) return;
    if (timer !== null) clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void round(), Math.max(0, at - performance.now()));
  };

  async function round(): Promise<void> {
    running = true;
    await Promise.all(nodes().map(look));
    running = false;
    lastAt = performance.now();
    if (signal.aborted) return;
    done();
    // A pod is asked over a connection of its own, which costs both sides more than a probe: larger rounds come less often.
    const asked = nodes().length;
    arm(performance.now() + (asked <= few ? everyMs : Math.max(everyMs, asked * 1500)));
  }

  async function look(node: string): Promise<void> {
    const leave = await gate.enter(signal);
    const began = performance.now();
    try {
      const gpus = await sources.look(node, signal);
      if (gpus !== null && !signal.aborted) found(node, gpus);
      // Whoever sits at the keys comes first: a round over a hundred nodes takes its time.
      if (nodes().length > few) await pause(2 * (performance.now() - began), signal);
    } catch {
      // The next round asks again; what was seen keeps its time.
    } finally {
      leave();
    }
  }

  arm(due);
  return {
    soon() {
      const at = Math.max(performance.now(), lastAt + Math.min(firstMs, everyMs));
      if (!running && at < due) arm(at);
    },
    close() {
      ending.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Up to so many nodes a round costs nothing that could be felt. */
const few = 8;
