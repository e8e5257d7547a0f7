import type { Place, Signature } from './signature.js';

/** A signature met in a line; `index` is where in it. */
export interface Match {
  readonly signature: Signature;
  readonly index: number;
  /** The words that matched. */
  readonly text: string;
}

/** The signatures that a line has, out of those that are looked for in such a place. `line` is one line without its line break, cleaned. */
export function matchLine(signatures: readonly Signature[], line: string, where: Place): readonly Match[] {
  const { gate, candidates } = lookedForIn(signatures, where);
  if (gate !== null && !gate.test(line)) return none;
  let lower: string | null = null;
  let matches = none;
  for (const { signature, pattern, needs } of candidates) {
    if (needs !== null) {
      if (pattern.ignoreCase) lower ??= line.toLowerCase();
      const text = pattern.ignoreCase && lower !== null ? lower : line;
      if (!needs.some((need) => text.includes(need))) continue;
    }
    const found = pattern.exec(line);
    if (found !== null) matches = [...matches, { signature, index: found.index, text: found[0] }];
  }
  return matches;
}

const none: readonly Match[] = [];

interface LookedFor {
  /** Matches every line that any of the candidates can match, and few others: one pass instead of one for each. null where some candidate needs no text, or ignores case. */
  readonly gate: RegExp | null;
  readonly candidates: readonly Candidate[];
}

interface Candidate {
  readonly signature: Signature;
  readonly pattern: RegExp;
  readonly needs: readonly string[] | null;
}

const byPlace = new WeakMap<readonly Signature[], Map<Place, LookedFor>>();

function lookedForIn(signatures: readonly Signature[], where: Place): LookedFor {
  const known = byPlace.get(signatures) ?? new Map<Place, LookedFor>();
  byPlace.set(signatures, known);
  const lookedFor = known.get(where) ?? lookedForAnew(signatures, where);
  known.set(where, lookedFor);
  return lookedFor;
}

function lookedForAnew(signatures: readonly Signature[], where: Place): LookedFor {
  const candidates = signatures.flatMap((signature): Candidate[] => {
    const { pattern, needs } = signature;
    return pattern === null || !signature.where.has(where) ? [] : [{ signature, pattern, needs }];
  });
  const open = candidates.some(({ pattern, needs }) => needs === null || pattern.ignoreCase);
  const texts = [...new Set(candidates.flatMap(({ needs }) => needs ?? []))];
  return { gate: open || texts.length === 0 ? null : new RegExp(texts.map(literally).join('|')), candidates };
}

/** An expression that matches this text and nothing else. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
