import type { Dashboard } from '../../prometheus/dashboards.js';
import type { GrafanaVisit, StoredDashboard } from '../../prometheus/grafana-visit.js';

/** What became of one dashboard: what to say of it, or why it is not there. */
export type ImportOutcome = { readonly ok: true; readonly said: string } | { readonly ok: false; readonly why: string };

/** A dashboard with what is stored under its uid now. */
export interface PlannedDashboard extends Dashboard {
  readonly before: StoredDashboard | null;
}

/**
 * Stores the dashboards one after another: all of them, or none. When one is refused, or `signal` ends it, those that were new are removed and the others put back as they were. Resolves to an
 * outcome for each uid; never rejects.
 */
export async function importDashboards(
  visit: GrafanaVisit,
  planned: readonly PlannedDashboard[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportOutcome>> {
  const outcomes = new Map<string, ImportOutcome>();
  const stored: PlannedDashboard[] = [];
  for (const dashboard of planned) {
    const { uid, model, before } = dashboard;
    if (signal.aborted) return takenBack(visit, planned, stored, outcomes, 'the import was cancelled');
    try {
      const version = await visit.store(model, before?.folderUid ?? null, 'imported by gpuk8s-tui');
      stored.push(dashboard);
      outcomes.set(uid, { ok: true, said: before === null ? 'new' : `version ${version ?? '?'}, in place of ${before.version ?? 'another'}` });
    } catch (error) {
      outcomes.set(uid, { ok: false, why: sentence(error) });
      return takenBack(visit, planned, stored, outcomes, `${dashboard.title} could not be stored`);
    }
  }
  return outcomes;
}

async function takenBack(
  visit: GrafanaVisit,
  planned: readonly PlannedDashboard[],
  stored: readonly PlannedDashboard[],
  outcomes: Map<string, ImportOutcome>,
  why: string,
): Promise<ReadonlyMap<string, ImportOutcome>> {
  for (const { uid, before } of [...stored].reverse()) {
    try {
      if (before === null) await visit.remove(uid);
      else await visit.store(before.model, before.folderUid, 'put back by gpuk8s-tui');
      outcomes.set(uid, { ok: false, why: `taken back: ${why}` });
    } catch (error) {
      outcomes.set(uid, { ok: false, why: `${why}, and this one could not be taken back: ${sentence(error)}` });
    }
  }
  for (const { uid } of planned) if (!outcomes.has(uid)) outcomes.set(uid, { ok: false, why: `not tried: ${why}` });
  return outcomes;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
