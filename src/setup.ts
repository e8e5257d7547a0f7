import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetsPath } from './assets-path.js';
import type { Signature } from './diagnosis/signature.js';
import type { Asker } from './hosts/asker.js';
import { ownIdentity } from './hosts/discover.js';
import type { HostSettings } from './hosts/host-settings.js';
import { createRoads, type Roads } from './hosts/roads.js';
import type { Journal } from './journal/journal.js';
import { showJournal } from './operations/journal-slice.js';
import { setupChronicle } from './operations/setup/chronicle.js';
import { hostsTold } from './operations/setup/detect.js';
import { type OpenSetup, openPlan } from './operations/setup/open-plan.js';
import { allCells } from './operations/setup/scope.js';
import { openSeats, type SeatsOptions } from './operations/setup/seats.js';
import { shellCommand } from './operations/setup/shell-command.js';
import { stepPage } from './operations/setup/step-page.js';
import { cellKey } from './operations/setup/work.js';
import { detectedValues } from './runbooks/detected.js';
import { choiceFromNodes } from './runbooks/inventory.js';
import { type Catalogue, loadCatalogue, summarise } from './runbooks/load.js';
import { type Prepared, prepare } from './runbooks/outline.js';
import { setupScript } from './runbooks/setup-script.js';
import { readSignatures } from './signature-files.js';
import { absent } from './state/freshness.js';
import type { Node } from './state/nodes.js';
import type { SetupChoice, SetupDesk } from './state/setup.js';
import type { Collection } from './state/snapshot.js';
import type { Store } from './state/store.js';

export interface SetupOptions {
  readonly store: Pick<Store, 'write'>;
  readonly journal: Journal;
  /** The folder in which the journal lies: what the steps say is kept beside it. */
  readonly journalFolder: string;
  /** For the journal, and for whoever finds a machine in use: `alice@laptop`. */
  readonly who: string;
  /** `gpuk8s-tui 1.2.3` */
  readonly program: string;
  /** The person's own playbooks; need not be there. */
  readonly ownPlaybooks: string | null;
  readonly asker: Asker;
  /** How to log in to machines, by the names of the inventory. */
  readonly hosts: HostSettings;
  readonly env: NodeJS.ProcessEnv;
  /** The person's own. */
  readonly homeDir: string;
  /** Where ssh's files lie, if not there. */
  readonly sshHomeDir?: string;
  /** The context in use; null where there is none. */
  readonly context: string | null;
  /** The kubeconfig in use: a file that was named, or a text that is in no file; neither: as kubectl finds it. */
  readonly kubeconfig: { readonly file: string | null; readonly text: string | null };
  /** Nodes of the cluster in use, as far as they are known. */
  readonly nodes: () => Collection<Node> | null;
  readonly readOnly: boolean;
  /** What is kept of an earlier time, by the cluster's name. */
  readonly lastChoice: (cluster: string) => SetupChoice | null;
  /** Rejects or throws with a sentence where it cannot be kept. */
  readonly keepChoice: (cluster: string, choice: SetupChoice) => void | Promise<void>;
  /** The journal has a new line; or what could not be written down, for the screen. */
  readonly onWritten?: (trouble: string | null) => void;
  /** Lets what was changed be looked at again. */
  readonly onChanged?: () => void;
  readonly roads?: Roads;
  /** Instead of the places where things are kept on a host. */
  readonly places?: SeatsOptions['places'];
  /** Instead of the program's own folder of assets. */
  readonly assets?: string;
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

/** What a cluster is called that has no context yet. */
export const unnamedCluster = 'kubernetes';

/** Opens guided setup for the cluster in use, or for one that is still to be made. Nothing is read or asked before it is needed. */
export function openSetup(options: SetupOptions): SetupDesk {
  const { store, readOnly, context, now = Date.now } = options;
  const assets = options.assets ?? assetsPath();
  const cluster = context ?? unnamedCluster;
  const leaving = new AbortController();
  const detected = new Map<string, Readonly<Record<string, string>>>();
  let loaded: Catalogue | null = null;
  let signatures: readonly Signature[] | null = null;
  let kubeFolder: Promise<string> | null = null;
  let journalSlice: ReturnType<typeof showJournal> | null = null;
  let open: OpenSetup | null = null;

  const catalogue = (): Catalogue => {
    loaded ??= loadCatalogue({ assets, own: options.ownPlaybooks });
    return loaded;
  };

  const prepared = (choice: SetupChoice, secrets: Readonly<Record<string, string>> = {}): Prepared =>
    prepare(catalogue(), choice, { detected: detected.get(hostsKey(choice)) ?? {}, secrets, clusterName: cluster });

  /** A kubeconfig that is in no file is put in one that only its owner can read, as long as this is open. */
  const kubeconfigFile = async (): Promise<string | null> => {
    const { file, text } = options.kubeconfig;
    if (text === null) return file;
    kubeFolder ??= mkdtemp(join(tmpdir(), 'gpuk8s-tui-setup-'));
    const path = join(await kubeFolder, 'kubeconfig');
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };

  const seatsFor = async (choice: SetupChoice) =>
    openSeats({
      choice,
      settings: options.hosts,
      roads: options.roads ?? createRoads({ client: null, settings: options.hosts, env: options.env, homeDir: options.sshHomeDir ?? options.homeDir }),
      asker: options.asker,
      own: ownIdentity(),
      kube: context === null ? null : { context, kubeconfig: await kubeconfigFile() },
      homeDir: options.homeDir,
      ...(options.places === undefined ? {} : { places: options.places }),
    });

  const written = (trouble: string | null) => {
    if (journalSlice === null) journalSlice = showJournal({ journal: options.journal, store, now });
    else journalSlice.renew();
    options.onWritten?.(trouble);
  };

  const openChoice = async (choice: SetupChoice, given: Readonly<Record<string, string>>): Promise<OpenSetup> => {
    signatures ??= readSignatures(join(assets, 'signatures'));
    const { journal, journalFolder: folder, who } = options;
    return openPlan({
      choice,
      plan: prepared(choice, given),
      template: catalogue().template,
      given,
      seats: await seatsFor(choice),
      store,
      chronicle: () => setupChronicle({ journal, folder, who, context: cluster, now, onWritten: written }),
      signatures,
      prelude: readFileSync(join(assets, 'runbooks', 'prelude.sh'), 'utf8'),
      who,
      leaving: leaving.signal,
      now,
      ...(options.pause === undefined ? {} : { pause: options.pause }),
    });
  };

  const opened = (): OpenSetup => {
    if (open === null) throw new Error('no setup is open');
    return open;
  };

  const changing = (): OpenSetup => {
    if (readOnly) throw new Error('this session is read-only: nothing is changed from here');
    const here = opened();
    const { problems } = here.plan.outline;
    if (problems.length > 0) throw new Error(`this cannot be done as it is: ${problems.join(' ')}`);
    return here;
  };

  const cellOf = (here: OpenSetup, step: string, column: string) => {
    const cell = allCells(here.work).find((one) => one.step === step && one.column === column);
    if (cell === undefined) throw new Error(`there is no step ${step} on ${column} in this setup`);
    return cell;
  };

  return {
    catalogue: async () => summarise(catalogue()),
    async lastChoice() {
      const kept = options.lastChoice(cluster);
      if (kept !== null) return kept;
      const nodes = options.nodes();
      return nodes === null || context === null ? null : choiceFromNodes(nodes, context);
    },
    outline: async (choice) => prepared(choice).outline,
    async detect(choice) {
      const seats = await seatsFor(choice);
      try {
        const told = await hostsTold(
          choice.hosts.map(({ name }) => name),
          seats.of,
        );
        const { shared, playbooks } = catalogue();
        const specs = Object.assign({}, shared, ...playbooks.map(({ variables }) => variables));
        const values = detectedValues(told, choice.hosts, specs);
        detected.set(hostsKey(choice), values);
        return values;
      } finally {
        seats.close();
      }
    },
    async open(choice, secrets, { keep } = { keep: true }) {
      if (open !== null && isBusy(open)) throw new Error('a setup runs already: stop it before another is opened');
      const next = await openChoice(choice, secrets);
      if (keep && !readOnly) await options.keepChoice(cluster, choice);
      leave(open);
      open = next;
    },
    async check(cells) {
      const here = opened();
      const wanted = cells === undefined ? null : new Set(cells.map(cellKey));
      await here.engine.look(allCells(here.work).filter((cell) => wanted === null || wanted.has(cellKey(cell))));
      options.onChanged?.();
    },
    async page(step, column) {
      const here = opened();
      return stepPage(here, cellOf(here, step, column));
    },
    async run(wish) {
      const { engine } = changing();
      await engine.run(wish);
      void engine.settled().then(() => options.onChanged?.());
    },
    next: () => open?.engine.next(),
    async answer(step, column, answer) {
      const here = changing();
      here.engine.answer(cellOf(here, step, column), answer);
    },
    async undo(step, column, typed) {
      const here = changing();
      const cell = cellOf(here, step, column);
      if (here.work.steps.find(({ id }) => id === step)?.undo === null) throw new Error(`${step} cannot be taken back by a program`);
      here.engine.undo(cell, typed);
      void here.engine.settled().then(() => options.onChanged?.());
    },
    stop: () => open?.engine.stop(),
    async shell(column) {
      const here = opened();
      return shellCommand(column, {
        choice: here.choice,
        seat: here.seats.of(column),
        settings: options.hosts,
        homeDir: options.homeDir,
        sshHomeDir: options.sshHomeDir ?? options.homeDir,
        env: options.env,
      });
    },
    async script(choice) {
      const { template, playbooks, profiles } = catalogue();
      return setupScript(prepared(choice), {
        prelude: readFileSync(join(assets, 'runbooks', 'prelude.sh'), 'utf8'),
        frame: readFileSync(join(assets, 'runbooks', 'by-hand.sh'), 'utf8'),
        templates: template,
        cluster,
        title:
          profiles.find(({ id }) => id === choice.profile)?.title ??
          playbooks.flatMap(({ id, title }) => (choice.playbooks.includes(id) ? [title] : [])).join(', '),
        program: options.program,
        madeAt: now(),
      });
    },
    settled: () => open?.engine.settled() ?? Promise.resolve(),
    async close() {
      const last = open;
      open = null;
      last?.engine.stop();
      leaving.abort();
      last?.seats.close();
      // The journal gets its last lines; what was begun on machines goes on there.
      await last?.engine.settled();
      leave(last);
      journalSlice?.close();
      store.write('setup', absent('no setup is open'));
      const folder = await kubeFolder;
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    },
  };
}

function isBusy({ book }: OpenSetup): boolean {
  return book.run() === 'running' || book.run() === 'stopping' || book.run() === 'checking';
}

function leave(left: OpenSetup | null): void {
  left?.book.close();
  left?.seats.close();
}

function hostsKey({ hosts }: SetupChoice): string {
  return JSON.stringify(hosts);
}
