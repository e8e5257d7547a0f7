import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../src/session.js';
import type { Question } from '../../src/state/hosts.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { editInput, emptyInput, insertText, type TextInput } from '../text-input.js';

export interface OpenQuestion {
  readonly question: Question;
  /** How many more wait behind it. */
  readonly waiting: number;
  /** Characters typed so far. */
  readonly typed: number;
  readonly armed: boolean;
}

/** How long keys are dropped after a question came up: somebody in the middle of typing must not answer it unread. */
const armsAfterMs = 400;

/**
 * The oldest question, and what takes the keys while it is open. What is typed lives here only, until it is handed to the session: not in the app's
 * state, and gone with the answer. While a filter or a command is being typed, questions wait.
 */
export function useQuestion(
  session: Session | null,
  { questions }: ClusterSnapshot,
  busy: boolean,
): { readonly open: OpenQuestion | null; readonly onKey: (key: string) => boolean; readonly onPaste: (text: string) => boolean } {
  const [answered, setAnswered] = useState<Question | null>(null);
  const [armed, setArmed] = useState<string | null>(null);
  const [typed, setTyped] = useState(0);
  const [round, setRound] = useState(0);
  // Keys of one burst must each see what the one before it typed.
  const input = useRef<TextInput>(emptyInput);
  const done = useRef<Question | null>(null);
  // Until the session has taken a question that was answered out of the snapshot, the next one is up.
  const all = (questions.value ?? []).filter((one) => one !== answered);
  const question = busy || session === null ? null : (all[0] ?? null);
  const id = question?.id ?? null;
  const isArmed = id !== null && armed === `${round} ${id}`;

  const write = (next: TextInput) => {
    input.current = next;
    setTyped(Array.from(next.text).length);
  };

  useEffect(() => {
    input.current = emptyInput;
    setTyped(0);
    if (id === null) return;
    const timer = setTimeout(() => setArmed(`${round} ${id}`), armsAfterMs);
    return () => clearTimeout(timer);
  }, [id, round]);

  const answer = (text: string | null) => {
    if (question === null) return;
    write(emptyInput);
    done.current = question;
    setAnswered(question);
    setRound((current) => current + 1);
    session?.answer(question.id, text);
  };

  const onKey = (key: string): boolean => {
    if (question === null || passes.has(key)) return false;
    // What follows the answer in the same burst was meant for nothing.
    if (!isArmed || done.current === question) return true;
    if (key === 'esc') answer(null);
    else if (question.kind === 'host-key') {
      if (key === 'y') answer('yes');
      else if (key === 'n') answer(null);
    } else if (key === 'enter') answer(input.current.text);
    else write(editInput(input.current, key) ?? input.current);
    return true;
  };

  const onPaste = (text: string): boolean => {
    if (question === null) return false;
    if (isArmed && question.kind !== 'host-key') write(insertText(input.current, text.replace(/[\r\n]+$/, '')));
    return true;
  };

  return { open: question === null ? null : { question, waiting: all.length - 1, typed, armed: isArmed }, onKey, onPaste };
}

// Leaving, suspending and painting anew go past any question.
const passes = new Set(['ctrl-c', 'ctrl-z', 'ctrl-l']);
