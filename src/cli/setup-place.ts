import type { Asker } from '../hosts/asker.js';
import type { Session } from '../session.js';
import type { Setup, SetupDesk } from '../state/setup.js';
import type { ConnectionOptions, SetupOptions } from './actions.js';
import { open } from './open.js';
import { settle } from './settle.js';

/** As much of a session as guided setup needs. */
export interface SetupPlace {
  readonly desk: SetupDesk;
  /** What is open; null before. */
  setup(): Setup | null;
  subscribe(listener: () => void): () => void;
  readonly readOnly: boolean;
  close(): Promise<void>;
}

/** Opens guided setup on the cluster in use, or on none. */
export async function openSetupPlace(options: ConnectionOptions & SetupOptions, asker: Asker): Promise<SetupPlace> {
  const session = open(options, asker);
  await settle(session, ['nodes'], 15_000);
  return placeOf(session);
}

export function placeOf(session: Pick<Session, 'setup' | 'snapshot' | 'subscribe' | 'readOnly' | 'close'>): SetupPlace {
  return {
    desk: session.setup,
    setup: () => session.snapshot().setup.value,
    subscribe: session.subscribe,
    readOnly: session.readOnly,
    close: () => session.close(),
  };
}
