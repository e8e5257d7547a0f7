import { matchLine } from '../../diagnosis/match.js';
import { type Place, places, type Signature } from '../../diagnosis/signature.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import type { StepDiagnosis } from '../../state/setup.js';

/** What a line that a step printed is known to mean; null where it is not. */
export type Diagnose = (line: string) => StepDiagnosis | null;

/** Knows the failure signatures, and the steps that mend them: those that say so, else those that the signature names. */
export function stepDiagnoses(signatures: readonly Signature[], steps: readonly StepSpec[]): Diagnose {
  const ids = new Set(steps.map(({ id }) => id));
  const menders = new Map(steps.flatMap(({ id, mends }) => mends.map((signature) => [signature, id] as const)));
  return (line) => {
    for (const place of likelyFirst) {
      const match = matchLine(signatures, line, place).find(({ signature }) => signature.severity !== 'info');
      if (match === undefined) continue;
      const { signature } = match;
      const named = [signature.step, signature.fix.operation?.id ?? null].find((id) => id !== null && ids.has(id)) ?? null;
      return {
        signature: signature.id,
        line: line.trim(),
        cause: signature.cause,
        step: menders.get(signature.id) ?? named,
        remedy: remedyOf(signature),
      };
    }
    return null;
  };
}

/** Steps print the logs of units and pods when something does not come up. */
const likelyFirst: readonly Place[] = ['command-output', ...places.filter((place) => place !== 'command-output')];

function remedyOf({ fix }: Signature): string | null {
  return fix.summary === '' ? null : fix.summary.replace(/\{[a-z]+\}/g, 'it');
}
