import { live } from '../state/freshness.js';
import type { Question } from '../state/hosts.js';
import type { Store } from '../state/store.js';
import type { Asker } from './asker.js';

export interface QuestionDesk extends Asker {
  /** Answers a question of the slice; null declines. An id that nobody waits for is nothing. */
  answer(id: string, text: string | null): void;
  /** Declines whatever is open and everything asked later. */
  close(): void;
}

/** Puts questions into the slice `questions` until a person answers. Answers go to those who asked, and nowhere else. */
export function createQuestionDesk(store: Store): QuestionDesk {
  const open = new Map<string, { readonly question: Question; readonly answer: Promise<string | null>; readonly settle: (text: string | null) => void }>();
  let closed = false;

  const publish = () =>
    store.write(
      'questions',
      live(
        [...open.values()].map(({ question }) => question),
        Date.now(),
      ),
    );

  const answer = (id: string, text: string | null) => {
    const asked = open.get(id);
    if (asked === undefined) return;
    open.delete(id);
    publish();
    asked.settle(text);
  };

  return {
    ask(question) {
      if (closed) return Promise.resolve(null);
      const asked = open.get(question.id);
      if (asked !== undefined) return asked.answer;
      const { promise, resolve } = Promise.withResolvers<string | null>();
      open.set(question.id, { question, answer: promise, settle: resolve });
      publish();
      return promise;
    },
    answer,
    close() {
      closed = true;
      for (const { settle } of open.values()) settle(null);
      open.clear();
    },
  };
}
