import { useEffect, useState } from 'react';
import type { SetupDesk, StepPage } from '../../../src/state/setup.js';
import { type Loaded, sentence } from './use-setup.js';

/** The page of a step in a column, read again whenever `cell` is another one; what was read stays until then. */
export function useStepPage(desk: SetupDesk | null, step: string, column: string, cell: object | null): Loaded<StepPage> {
  const [page, setPage] = useState<Loaded<StepPage>>({ status: 'loading' });
  useEffect(() => {
    if (desk === null || cell === undefined) return;
    let left = false;
    desk.page(step, column).then(
      (value) => left || setPage({ status: 'read', value }),
      (error: unknown) => left || setPage({ status: 'failed', why: sentence(error) }),
    );
    return () => {
      left = true;
    };
  }, [desk, step, column, cell]);
  // Of another step or host nothing is known yet.
  return page.status === 'read' && (page.value.step.id !== step || page.value.column !== column) ? { status: 'loading' } : page;
}

/** Many pages, one after the other, by `step column`; what was refused says why. `places` is the list as JSON. */
export function useStepPages(desk: SetupDesk | null, places: string): ReadonlyMap<string, Loaded<StepPage>> {
  const [pages, setPages] = useState<ReadonlyMap<string, Loaded<StepPage>>>(new Map());
  useEffect(() => {
    if (desk === null) return;
    let left = false;
    const read = async () => {
      const found = new Map<string, Loaded<StepPage>>();
      for (const { step, column } of placesOf(places)) {
        const page = await desk.page(step, column).then(
          (value): Loaded<StepPage> => ({ status: 'read', value }),
          (error: unknown): Loaded<StepPage> => ({ status: 'failed', why: sentence(error) }),
        );
        if (left) return;
        found.set(`${step} ${column}`, page);
      }
      setPages(found);
    };
    setPages(new Map());
    void read();
    return () => {
      left = true;
    };
  }, [desk, places]);
  return pages;
}

function placesOf(places: string): readonly { readonly step: string; readonly column: string }[] {
  const parsed: unknown = JSON.parse(places);
  return Array.isArray(parsed) ? parsed.filter(isPlace) : [];
}

function isPlace(value: unknown): value is { readonly step: string; readonly column: string } {
  return (
    typeof value === 'object' && value !== null && 'step' in value && 'column' in value && typeof value.step === 'string' && typeof value.column === 'string'
  );
}
