import { silentAsker } from './hosts/asker.js';
import type { SetupOptions } from './setup.js';
import type { SetupChoice, SetupDesk } from './state/setup.js';

/** Guided setup of whichever cluster a session is with. */
export interface SessionSetup {
  readonly desk: SetupDesk;
  /** The cluster is left: what runs begins no further step. Resolves when all of it has ended. */
  leave(): Promise<void>;
}

/** What a session knows of the cluster that it is with. */
export type SetupSurroundings = Pick<
  SetupOptions,
  'store' | 'hosts' | 'env' | 'homeDir' | 'sshHomeDir' | 'context' | 'kubeconfig' | 'nodes' | 'readOnly' | 'onChanged'
> & {
  /** Null where nobody is to be asked. */
  readonly asker: SetupOptions['asker'] | null;
  readonly program: string;
  readonly ownPlaybooks: string | null;
  /** Where choices are kept: in the settings, or for a demo cluster nowhere beyond this session. */
  readonly choices: { read(cluster: string): SetupChoice | null; keep(cluster: string, choice: SetupChoice): string | null };
};

/** A desk that is opened when it is first needed, for the cluster that the session is with then. */
export function sessionSetup(surroundings: () => SetupSurroundings): SessionSetup {
  let opening: Promise<SetupDesk> | null = null;
  let current: SetupDesk | null = null;

  const open = async (): Promise<SetupDesk> => {
    const [{ openSetup }, { openJournal, journalFolder }, { journalAuthor }] = await Promise.all([
      import('./setup.js'),
      import('./journal/journal.js'),
      import('./journal/author.js'),
    ]);
    const { asker, choices, ...around } = surroundings();
    const folder = journalFolder(around.env, around.homeDir);
    return openSetup({
      ...around,
      asker: asker ?? silentAsker(false),
      journal: openJournal({ dir: folder }),
      journalFolder: folder,
      who: journalAuthor(around.env),
      lastChoice: choices.read,
      keepChoice(cluster, choice) {
        const problem = choices.keep(cluster, choice);
        if (problem !== null) throw new Error(problem);
      },
    });
  };

  const desk = async (): Promise<SetupDesk> => {
    opening ??= open();
    const mine = opening;
    const opened = await mine;
    if (opening === mine) current = opened;
    return opened;
  };

  return {
    desk: {
      catalogue: async () => (await desk()).catalogue(),
      lastChoice: async () => (await desk()).lastChoice(),
      outline: async (choice) => (await desk()).outline(choice),
      detect: async (choice) => (await desk()).detect(choice),
      open: async (choice, secrets, how) => (await desk()).open(choice, secrets, how),
      check: async (cells) => (await desk()).check(cells),
      page: async (step, column) => (await desk()).page(step, column),
      run: async (wish) => (await desk()).run(wish),
      next: () => current?.next(),
      answer: async (step, column, answer) => (await desk()).answer(step, column, answer),
      undo: async (step, column, typed) => (await desk()).undo(step, column, typed),
      stop: () => current?.stop(),
      shell: async (column) => (await desk()).shell(column),
      script: async (choice) => (await desk()).script(choice),
      settled: async () => current?.settled(),
      close: async () => leave(),
    },
    leave,
  };

  async function leave(): Promise<void> {
    const leaving = opening;
    opening = null;
    current = null;
    await (await leaving)?.close();
  }
}
