import type { ExperimentFiles } from '../operations/experiment/state-file.js';
import type { ExperimentState } from '../state/experiments.js';
import { clockTime } from '../text/moment.js';
import { stageLine } from './experiment-text.js';
import type { Output } from './output.js';

/** Where a run tells how it goes. */
export interface Terminal {
  readonly onState: (state: ExperimentState) => void;
  say(text: string): void;
  tell(text: string): void;
  warn(text: string): void;
  gone(): void;
}

/** Tells of each stage and note once; nothing any more once the terminal is gone. */
export function tellingTerminal(out: Output): Terminal {
  let stage = '';
  let notes = -1;
  let isGone = false;
  const say = (text: string) => {
    if (!isGone) out.stdout(text);
  };
  const tell = (text: string) => say(`${clockTime(Date.now())} ${text}\n`);
  return {
    say,
    tell,
    warn(text) {
      if (!isGone) out.stderr(`gpuk8s-tui: ${text}\n`);
    },
    onState(state) {
      const now = `${state.phase} ${state.stage}`;
      if (now !== stage) tell(stageLine(state));
      stage = now;
      for (const { text } of state.notes.slice(notes < 0 ? state.notes.length : notes)) tell(`! ${text}`);
      notes = state.notes.length;
    },
    gone() {
      isGone = true;
    },
  };
}

/** ctrl-c puts the replicas back; SIGTERM (a shutdown) leaves it to be gone on with; a terminal that goes away takes nothing with it. */
export function listen(name: string, files: ExperimentFiles, interrupt: AbortController, terminal: Terminal): () => void {
  let asked = false;
  const onInt = () => {
    if (asked) return interrupt.abort();
    asked = true;
    terminal.tell('stopping: the replicas go back (ctrl-c again leaves all as it is)');
    void files.askToStop(name);
  };
  const onTerm = () => interrupt.abort();
  const onHup = () => terminal.gone();
  process.on('SIGINT', onInt).on('SIGTERM', onTerm).on('SIGHUP', onHup);
  return () => void process.off('SIGINT', onInt).off('SIGTERM', onTerm).off('SIGHUP', onHup);
}
