import type { ApiUser } from './authorization.js';
import type { Catalog } from './catalog.js';
import type { ApiGates } from './gates.js';
import type { ApiHooks } from './hooks.js';
import type { ObjectStore } from './object-store.js';
import type { Snapshots } from './snapshots.js';

/** What answering requests takes. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly users: readonly ApiUser[];
  readonly version: string;
  readonly gates: ApiGates;
  readonly hooks: ApiHooks;
  readonly catalog: Catalog;
  readonly snapshots: Snapshots;
}
