import type { Asker } from '../../src/hosts/asker.js';
import type { Question } from '../../src/state/hosts.js';

/** Answers by kind of question, each a list that is used up, and remembers what was asked. */
export function scriptedAsker(answers: Partial<Record<Question['kind'], readonly (string | null)[]>>): Asker & { readonly asked: readonly Question[] } {
  const asked: Question[] = [];
  const left = new Map(Object.entries(answers).map(([kind, list]) => [kind, [...list]]));
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return left.get(question.kind)?.shift() ?? null;
    },
  };
}
