import type { SetupRecord } from '../../controllers/setup-record.js';
import type { MachineHost } from '../machine-host.js';

/** A step of guided setup as a machine of the demo knows it: not its commands, but what they would find there and what they would do. */
export interface HostStep {
  look(scene: Scene): Seen;
  /** A file of it that somebody edited by hand since it was written; null where nobody did. */
  edited?(scene: Scene): string | null;
  /** What apply prints on its way. */
  says?(scene: Scene): readonly string[];
  /** What apply does to the machine; a text instead where it cannot be done, as the last line of what it says. */
  does?(scene: Scene): string | null;
  undoes?(scene: Scene): void;
}

export interface Scene {
  readonly host: MachineHost;
  readonly record: SetupRecord;
  readonly values: ReadonlyMap<string, string>;
  /** Its rendered files by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** How a check ends: its exit code, and what it says, the reason last. */
export interface Seen {
  readonly exit: 0 | 1 | 80 | 81 | 82;
  readonly said: readonly string[];
}

export const done = (...said: readonly string[]): Seen => ({ exit: 0, said });
export const missing = (...said: readonly string[]): Seen => ({ exit: 1, said });
export const drifted = (...said: readonly string[]): Seen => ({ exit: 80, said });
export const notApplicable = (why: string): Seen => ({ exit: 81, said: [why] });

/** A step that leaves no other trace on a machine of the demo than that it was done. */
export function noted(id: string, words: { readonly done: string; readonly missing: string; readonly says?: readonly string[] }): readonly [string, HostStep] {
  return [
    id,
    {
      look: ({ record }) => (record.open.has(id) ? missing(words.missing) : done(words.done)),
      says: () => words.says ?? [],
      does: ({ record }) => {
        record.open.delete(id);
        return null;
      },
      undoes: ({ record }) => record.open.add(id),
    },
  ];
}

/** A step that these machines never need. */
export function unneeded(id: string, why: string): readonly [string, HostStep] {
  return [id, { look: () => notApplicable(why) }];
}

/** What apt prints of packages that are installed. */
export function aptSays(...packages: readonly string[]): readonly string[] {
  return [
    'Reading package lists...',
    'Building dependency tree...',
    `The following NEW packages will be installed: ${packages.map((each) => each.replace(/ .*/, '')).join(' ')}`,
    ...packages.map((each) => `Setting up ${each.includes(' ') ? each.replace(' ', ' (').concat(')') : each} ...`),
    'Processing triggers for man-db (2.12.0-4build2) ...',
  ];
}
