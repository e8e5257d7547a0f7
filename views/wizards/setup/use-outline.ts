import { useEffect, useState } from 'react';
import type { SetupChoice, SetupDesk, SetupOutline } from '../../../src/state/setup.js';
import { type Loaded, sentence } from './use-setup.js';

/** A choice worked out anew with every change of it; what was worked out before stays until then. `again` counts what else it may depend on. */
export function useOutline(desk: SetupDesk | null, choice: SetupChoice | null, again: number): Loaded<SetupOutline> {
  const [outline, setOutline] = useState<Loaded<SetupOutline>>({ status: 'loading' });
  const key = JSON.stringify(choice);
  useEffect(() => {
    const wanted: unknown = JSON.parse(key);
    if (desk === null || !isChoice(wanted) || again < 0) return;
    let left = false;
    desk.outline(wanted).then(
      (value) => left || setOutline({ status: 'read', value }),
      (error: unknown) => left || setOutline({ status: 'failed', why: sentence(error) }),
    );
    return () => {
      left = true;
    };
  }, [desk, key, again]);
  return outline;
}

/** What asking the hosts has come to. */
export interface Detected {
  readonly asking: boolean;
  readonly why: string | null;
  readonly times: number;
}

/** Asks the hosts what they tell themselves, once for each set of hosts; `times` grows with each answer. */
export function useDetected(desk: SetupDesk | null, choice: SetupChoice | null, wanted: boolean): Detected {
  const [state, setState] = useState<Detected>({ asking: false, why: null, times: 0 });
  const hosts = JSON.stringify(choice?.hosts ?? []);
  const key = JSON.stringify(choice);
  const asked = wanted && hosts !== '[]' ? hosts : null;
  const [last, setLast] = useState<string | null>(null);
  useEffect(() => {
    const wish: unknown = JSON.parse(key);
    if (desk === null || asked === null || asked === last || !isChoice(wish)) return;
    setLast(asked);
    setState(({ times }) => ({ asking: true, why: null, times }));
    desk.detect(wish).then(
      () => setState(({ times }) => ({ asking: false, why: null, times: times + 1 })),
      (error: unknown) => setState(({ times }) => ({ asking: false, why: sentence(error), times })),
    );
  }, [desk, asked, last, key]);
  return state;
}

function isChoice(value: unknown): value is SetupChoice {
  return typeof value === 'object' && value !== null && 'hosts' in value && 'values' in value;
}
