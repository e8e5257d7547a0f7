import type { Cast } from './asciicast.js';

/** One part of a recorded visit. */
export interface Scene {
  /** What is told about it while it is shown. */
  readonly caption: string;
  /** Typed at its start. */
  readonly keys: string;
  /** It has happened when the screen shows this. */
  readonly until: RegExp;
  /** How long waiting for it is shown at most, in seconds: longer waits are played faster. */
  readonly atMost: number;
  /** Seconds to read what is there then. */
  readonly hold: number;
}

/** From two machines that were just rebooted to the moment in which everything is back. */
export const story: readonly Scene[] = [
  { caption: 'Just after a power cut', keys: 'gpuk8s-tui --demo power-cut\r', until: /does not answer: /, atMost: 3.2, hold: 0.5 },
  { caption: 'The API server still refuses: SSH tells how far the machines are', keys: '', until: /gpu-2 has swap on/, atMost: 5, hold: 2.5 },
  { caption: 'The API server answers, the control plane comes back', keys: '', until: / 1 cause, [\s\S]*✓ controlplane +back after/, atMost: 7, hold: 0 },
  { caption: 'What stays broken has one cause', keys: '', until: /ssh gpu-2 'sudo swapoff/, atMost: 2, hold: 5 },
  { caption: 'Why? The cause and all that follows from it', keys: '\r', until: /checks \d+ ─/, atMost: 2, hold: 4 },
  { caption: 'The plan: the exact commands, and how to undo them', keys: 'f', until: /y does it/, atMost: 2, hold: 6 },
  { caption: 'It runs, and looks whether it helped', keys: 'y', until: /✓ done, and seen/, atMost: 3.5, hold: 3 },
  { caption: 'gpu-2 comes back, step by step', keys: '1', until: /✓ GPUs registered +8 of 8/, atMost: 7, hold: 0.5 },
  { caption: 'Exporters, scrape targets and workloads follow', keys: '', until: /Everything came back/, atMost: 5, hold: 0 },
  { caption: 'Everything came back', keys: '', until: /Everything came back/, atMost: 1, hold: 5 },
];

/** The moment that says most by itself: the cause has been named. */
export function posterAt({ events }: Cast): number {
  const [cause, why] = [story[3], story[4]].map((scene) => events.find(({ kind, text }) => kind === 'marker' && text === scene?.caption)?.at ?? 0);
  return ((cause ?? 0) + (why ?? 0)) / 2;
}
