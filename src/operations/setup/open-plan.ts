import type { Prepared } from '../../runbooks/outline.js';
import { renderFiles } from '../../runbooks/render.js';
import type { SetupChoice } from '../../state/setup.js';
import type { Store } from '../../state/store.js';
import { type SetupBook, setupBook } from './book.js';
import { type Practitioner, type PractitionerOptions, practitioner } from './carry-out.js';
import type { SetupChronicle } from './chronicle.js';
import { type Engine, setupEngine } from './engine.js';
import { givenSecrets } from './given.js';
import type { OpenSeats } from './seats.js';
import { secretWords } from './secret-words.js';
import type { Work } from './work.js';

/** A choice that is worked on. */
export interface OpenSetup {
  readonly choice: SetupChoice;
  readonly plan: Prepared;
  readonly work: Work;
  readonly seats: OpenSeats;
  readonly book: SetupBook;
  readonly engine: Engine;
  readonly doer: Practitioner;
}

export interface OpenPlanOptions extends Pick<PractitionerOptions, 'signatures' | 'prelude' | 'who' | 'leaving' | 'pause'> {
  readonly choice: SetupChoice;
  readonly plan: Prepared;
  /** The text of a template. */
  readonly template: (name: string) => string;
  /** Secrets that the person gave. */
  readonly given: Readonly<Record<string, string>>;
  readonly seats: OpenSeats;
  readonly store: Pick<Store, 'write'>;
  /** Made when the first step is applied. */
  readonly chronicle: () => SetupChronicle;
  readonly now: () => number;
}

/** Puts together what it takes to carry out a choice that is worked out, and shows it with everything unknown. */
export function openPlan({ choice, plan, template, given, seats, store, chronicle, now, ...rest }: OpenPlanOptions): OpenSetup {
  const secrets = secretWords();
  for (const value of Object.values(given)) secrets.add(value);
  const work = workOf(plan, template, choice);
  const book = setupBook({ store, outline: plan.outline, now });
  const gifts = givenSecrets(work, template);
  let written: SetupChronicle | null = null;
  const doer = practitioner({
    ...rest,
    work,
    book,
    seats: seats.of,
    given: gifts,
    secrets,
    now,
    chronicle() {
      written ??= chronicle();
      return written;
    },
  });
  const steps = new Map(work.steps.map((step) => [step.id, step]));
  const engine = setupEngine({
    work,
    book,
    ...doer,
    giver: gifts.giver,
    forget(id) {
      const step = steps.get(id);
      if (step !== undefined) gifts.forget(step);
    },
  });
  return { choice, plan, work, seats, book, engine, doer };
}

function workOf({ steps, columns, needsOf, values, secretNames, outline }: Prepared, template: (name: string) => string, { hosts }: SetupChoice): Work {
  return { steps, columns, needsOf, values, secretNames, clusterName: outline.cluster, files: (step, filling) => renderFiles(step, filling, hosts, template) };
}
