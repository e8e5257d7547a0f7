import type { StorePart } from '../../../state/disks.js';
import type { Risk } from '../../../state/operations.js';
import type { Look } from '../disk-look.js';

/** Something that piles up on a machine: how to measure what of it could go, and what makes it go. One file for each, one line in `disk-stores.ts`. */
export interface Store {
  readonly id: string;
  /** As on the screen: "downloaded packages". */
  readonly title: string;
  /** What is lost with it, in one sentence. */
  readonly harm: string;
  readonly risk: Risk;
  /** Whether it goes unless somebody says otherwise. */
  readonly ticked: boolean;
  /** Its pieces are ticked one by one. */
  readonly byPart?: boolean;
  /** Reads only. Rejects with Unmeasured. */
  measure(look: Look): Promise<Found>;
}

/** What could go. */
export interface Found {
  readonly bytes: number;
  /** False for an estimate. */
  readonly exact: boolean;
  readonly how: string;
  readonly note?: string;
  /** Something on the file system that it lies on. */
  readonly path: string;
  /** Of a store that goes piece by piece: all that can be chosen. Of another: empty, and the whole of it goes. */
  readonly parts: readonly StorePart[];
  /** What makes it go: of the chosen parts, or of all. None where there is nothing to do. */
  commands(chosen: ReadonlySet<string>): readonly StoreCommand[];
  /** Looks once more, right before: what must stay after all. Resolves to what may go of the commands. Rejects with an Error that says why nothing may. */
  recheck?(commands: readonly StoreCommand[]): Promise<{ readonly commands: readonly StoreCommand[]; readonly stays: readonly string[] }>;
}

export interface StoreCommand {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}
