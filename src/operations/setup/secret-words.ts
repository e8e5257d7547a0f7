import { hiddenValue } from '../../runbooks/step-script.js';
import { clean } from '../../text/clean.js';
import { masked } from '../../text/masked.js';

/** Knows the secrets of a setup, so that none of them is shown or written down. */
export interface SecretWords {
  /** Takes note of a value that is a secret. */
  add(value: string): void;
  /** A foreign line without secrets, safe to show and to keep. */
  shown(line: string): string;
}

export function secretWords(): SecretWords {
  const known = new Set<string>();
  let longestFirst: readonly string[] = [];
  return {
    add(value) {
      // What is shorter would hide parts of ordinary words.
      for (const line of value.split('\n')) if (line.trim().length >= 4) known.add(line.trim());
      longestFirst = [...known].sort((a, b) => b.length - a.length);
    },
    shown(line) {
      let safe = line;
      for (const secret of longestFirst) safe = safe.replaceAll(secret, hiddenValue);
      // kubeadm prints its certificate key on a line of its own.
      return clean(masked(safe.replace(/^[0-9a-f]{64}$/, hiddenValue)));
    },
  };
}
