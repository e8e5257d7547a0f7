import type { Place, Signature } from './signature.js';

/** A signature met in a line; `index` is where in it. */
export interface Match {
  readonly signature: Signature;
  readonly index: number;
}

/** The signatures that a line has, out of those that are looked for in such a place. `line` is one line without its line break, cleaned. */
export function matchLine(signatures: readonly Signature[], line: string, where: Place): readonly Match[] {
  let lower: string | null = null;
  let matches = none;
  for (const { signature, pattern, needs, ignoresCase } of lookedForIn(signatures, where)) {
    if (needs !== null) {
      if (ignoresCase && lower === null) lower = line.toLowerCase();
      const text = ignoresCase && lower !== null ? lower : line;
      if (!needs.some((need) => text.includes(need))) continue;
    }
    const found = pattern.exec(line);
    if (found !== null) matches = [...matches, { signature, index: found.index }];
  }
  return matches;
}

const none: readonly Match[] = [];

interface Candidate {
  readonly signature: Signature;
  readonly pattern: RegExp;
  readonly needs: readonly string[] | null;
  readonly ignoresCase: boolean;
}

const byPlace = new WeakMap<readonly Signature[], Map<Place, readonly Candidate[]>>();

function lookedForIn(signatures: readonly Signature[], where: Place): readonly Candidate[] {
  const known = byPlace.get(signatures) ?? new Map<Place, readonly Candidate[]>();
  byPlace.set(signatures, known);
  const candidates = known.get(where) ?? candidatesOf(signatures, where);
  known.set(where, candidates);
  return candidates;
}

function candidatesOf(signatures: readonly Signature[], where: Place): readonly Candidate[] {
  return signatures.flatMap((signature) => {
    const { pattern, needs } = signature;
    return pattern === null || !signature.where.has(where) ? [] : [{ signature, pattern, needs, ignoresCase: pattern.ignoreCase }];
  });
}
