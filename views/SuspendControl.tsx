import { useApp } from 'ink';
import { type RefObject, useEffect } from 'react';

/** Hands the terminal over while `meanwhile` runs, then takes it back and paints everything anew. */
export type Suspender = (meanwhile: () => void | Promise<void>) => Promise<void>;

/** Brings Ink's way to let go of the terminal to whoever owns the signals. Draws nothing. */
export function SuspendControl({ control }: { readonly control: RefObject<Suspender | null> }): null {
  const { suspendTerminal } = useApp();
  useEffect(() => {
    let busy = false;
    control.current = async (meanwhile) => {
      // The signal that wakes us from our own ctrl-z must not take the terminal a second time.
      if (busy) return;
      busy = true;
      try {
        await suspendTerminal(async () => {
          await meanwhile();
        });
      } finally {
        busy = false;
      }
    };
    return () => {
      control.current = null;
    };
  }, [control, suspendTerminal]);
  return null;
}
