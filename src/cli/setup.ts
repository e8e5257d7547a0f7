import { assetsPath } from '../assets-path.js';
import { openSettings } from '../config/settings-file.js';
import { type Catalogue, loadCatalogue } from '../runbooks/load.js';
import type {
  ConnectionOptions,
  SetupListOptions,
  SetupOptions,
  SetupPlanOptions,
  SetupRunOptions,
  SetupShowOptions,
  SetupStatusOptions,
  SetupUndoOptions,
} from './actions.js';
import { terminalOutput } from './output.js';
import { askingTerminal, secretsFor, terminalAsker } from './setup-ask.js';
import type { SetupWish } from './setup-choice.js';
import { runSetupList } from './setup-list.js';
import { openSetupPlace, ownPlaybooks, type SetupPlace } from './setup-place.js';
import { runSetupPlan } from './setup-plan.js';
import { runSetup, type SetupRunCommand, undoSetup } from './setup-run.js';
import { runSetupShow } from './setup-show.js';
import { runSetupStatus } from './setup-status.js';

/** `setup list` */
export async function setupList({ output }: SetupListOptions): Promise<number> {
  return runSetupList(catalogue(), output, terminalOutput());
}

/** `setup show NAME` */
export async function setupShow(named: string, { output }: SetupShowOptions): Promise<number> {
  return runSetupShow(catalogue(), named, output, terminalOutput());
}

/** `setup status [NAME]` */
export function setupStatus(named: string | undefined, options: ConnectionOptions & SetupStatusOptions): Promise<number> {
  return withPlace(options, (place) => runSetupStatus(place, wishOf(named ?? null, options), options.output, terminalOutput()));
}

/** `setup plan NAME` */
export function setupPlan(named: string, options: ConnectionOptions & SetupPlanOptions): Promise<number> {
  const { format, output, look } = options;
  const how = { format: format ?? output ?? 'text', look };
  return withPlace(options, (place) => runSetupPlan(place, wishOf(named, options), how, terminalOutput()));
}

/** `setup run NAME` */
export function setupRun(named: string, options: ConnectionOptions & SetupRunOptions): Promise<number> {
  return withPlace(options, (place) => runSetup(place, wishOf(named, options), runCommand(options), terminalOutput()));
}

/** `setup undo STEP` */
export function setupUndo(step: string, options: ConnectionOptions & SetupUndoOptions): Promise<number> {
  return withPlace(options, (place) => undoSetup(place, wishOf(step, options), runCommand({ ...options, output: 'text' }), terminalOutput()));
}

function catalogue(): Catalogue {
  return loadCatalogue({ assets: assetsPath(), own: ownPlaybooks(openSettings(process.env).file) });
}

function wishOf(target: string | null, options: SetupOptions): SetupWish {
  const { host = [], inventory = null, set = {}, kubectl = null } = options;
  return { target, hosts: host, inventory, set, seat: kubectl };
}

function runCommand(options: SetupRunOptions): SetupRunCommand {
  const { output, dryRun = false, yes = false, confirm = null, overwrite = false } = options;
  const ending = new AbortController();
  // What is under way is not left unsaid. Asked a second time, it ends at once: what runs on the hosts goes on there.
  if (yes) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const terminal = askingTerminal();
  return { output, dryRun, yes, confirm, overwrite, signal: ending.signal, secrets: (names) => secretsFor(names, process.env, terminal) };
}

async function withPlace(options: ConnectionOptions & SetupOptions, run: (place: SetupPlace) => Promise<number>): Promise<number> {
  const { acceptNewHostKeys = false } = options;
  const place = await openSetupPlace(options, terminalAsker(askingTerminal(), acceptNewHostKeys));
  try {
    return await run(place);
  } finally {
    await place.close();
  }
}
