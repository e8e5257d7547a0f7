import type { SetupChoice } from '../state/setup.js';
import type { ChosenPlaybook } from './chosen.js';
import type { Profile } from './playbook.js';

/** What a choice comes to, to be looked at for contradictions. */
export interface WorkedOut {
  readonly choice: SetupChoice;
  readonly profile: Profile | null;
  readonly parts: readonly ChosenPlaybook[];
  /** The variables that matter to the steps. */
  readonly used: ReadonlySet<string>;
  readonly values: Readonly<Record<string, string>>;
  /** Whether any step is done in the cluster. */
  readonly inCluster: boolean;
}

export interface Findings {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}
