import type { Question } from '../state/hosts.js';

/** Puts questions to a person. Answers are handed on and never kept anywhere else. */
export interface Asker {
  /** The answer, or null when the person declines or nobody can be asked. Questions with the same id are asked once and answered together. */
  ask(question: Question): Promise<string | null>;
}

/** Headless: nobody to ask. `acceptNewHostKeys` answers `yes` for unknown host keys. */
export function silentAsker(acceptNewHostKeys: boolean): Asker {
  return { ask: async ({ kind }) => (kind === 'host-key' && acceptNewHostKeys ? 'yes' : null) };
}
