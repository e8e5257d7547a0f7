import type { SetupCatalogue } from '../state/setup.js';
import { closest } from '../text/closest.js';

/** What a name on the command line stands for. */
export interface SetupTarget {
  readonly kind: 'profile' | 'playbook' | 'step';
  readonly id: string;
  readonly title: string;
  /** Of a step. */
  readonly playbook: string | null;
}

/** Finds a profile, a playbook or a step by its id, in this order. Throws a sentence where there is none. */
export function targetOf(named: string, { profiles, playbooks }: SetupCatalogue): SetupTarget {
  const profile = profiles.find(({ id }) => id === named);
  if (profile !== undefined) return { kind: 'profile', id: named, title: profile.title, playbook: null };
  const playbook = playbooks.find(({ id }) => id === named);
  if (playbook !== undefined) return { kind: 'playbook', id: named, title: playbook.title, playbook: named };
  for (const { id, steps } of playbooks) {
    const step = steps.find((each) => each.id === named);
    if (step !== undefined) return { kind: 'step', id: named, title: step.title, playbook: id };
  }
  const near = closest(
    named,
    [...profiles, ...playbooks, ...playbooks.flatMap(({ steps }) => steps)].map(({ id }) => id),
  );
  throw new Error(`there is no profile, playbook or step "${named}"${near === null ? ': gpuk8s-tui setup list shows them' : `, did you mean ${near}?`}`);
}
