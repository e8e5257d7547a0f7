import type { OperationRun, Plan } from '../state/operations.js';

/** What `clean evicted --output json` prints; a change of meaning raises schemaVersion. */
export interface CleanSummary {
  readonly schemaVersion: 1;
  readonly dryRun: boolean;
  readonly planned: number;
  readonly deleted: number;
  /** Gone, or replaced by another pod of the same name, before they were asked for. */
  readonly alreadyGone: number;
  readonly failed: readonly { readonly namespace: string; readonly name: string; readonly error: string }[];
  readonly durationSeconds: number;
  readonly byNamespace: Readonly<Record<string, NamespaceCounts>>;
}

interface NamespaceCounts {
  planned: number;
  deleted: number;
  alreadyGone: number;
  failed: number;
}

/** The counts of a run, or of a plan that was not run. */
export function summaryOf(plan: Plan | null, run: OperationRun | null, dryRun: boolean): CleanSummary {
  const failed: { namespace: string; name: string; error: string }[] = [];
  const byNamespace: Record<string, NamespaceCounts> = {};
  let [deleted, alreadyGone] = [0, 0];
  plan?.items.forEach((item, index) => {
    const [, namespace = '', name = ''] = item.object.split('/');
    byNamespace[namespace] ??= { planned: 0, deleted: 0, alreadyGone: 0, failed: 0 };
    const counts = byNamespace[namespace];
    counts.planned += 1;
    const ended = run?.items[index];
    if (ended?.state === 'done' && ended.said === null) {
      deleted += 1;
      counts.deleted += 1;
    } else if (ended?.state === 'done') {
      alreadyGone += 1;
      counts.alreadyGone += 1;
    } else if (ended?.state === 'failed') {
      failed.push({ namespace, name, error: ended.said ?? 'failed' });
      counts.failed += 1;
    }
  });
  const ms = run === null ? 0 : (run.endedAt ?? Date.now()) - run.startedAt;
  return { schemaVersion: 1, dryRun, planned: plan?.items.length ?? 0, deleted, alreadyGone, failed, durationSeconds: ms / 1000, byNamespace };
}
