import type { JournalEntry } from '../../src/state/journal.js';
import type { OperationRun, Plan } from '../../src/state/operations.js';
import type { CheckReport, Finding } from '../../src/state/report.js';
import { now } from './snapshot.js';

/** A plan of two safe steps: the runtime class of the device plugin. */
export function aPlan(overrides: Partial<Plan> = {}): Plan {
  return {
    ref: { id: 'set-runtime-class', input: { kind: 'DaemonSet', namespace: 'kube-system', name: 'nvidia-device-plugin' } },
    title: 'Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin',
    risk: 'disruptive',
    items: [
      {
        id: '1',
        object: 'daemonset/kube-system/nvidia-device-plugin',
        text: 'Set runtimeClassName to nvidia; its 2 pods are replaced one after another',
        exact: 'PATCH /apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin {"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}',
      },
    ],
    warnings: ['No GPU of gpu-2 is offered while its pod is replaced'],
    blockers: [],
    undo: 'kubectl -n kube-system rollout undo daemonset/nvidia-device-plugin',
    confirmName: 'nvidia-device-plugin',
    goal: '8 of 8 GPUs of gpu-2 registered',
    plannedAt: now,
    ...overrides,
  };
}

/** A run of the plan above, begun five seconds ago. */
export function aRun(overrides: Partial<OperationRun> = {}): OperationRun {
  const plan = overrides.plan ?? aPlan();
  return {
    id: 'run-1',
    plan,
    state: 'running',
    startedAt: now - 5000,
    endedAt: null,
    items: plan.items.map(({ id }) => ({ id, state: 'running', said: null })),
    verification: null,
    ...overrides,
  };
}

export function aJournalEntry(overrides: Partial<JournalEntry> = {}): JournalEntry {
  const { ref, title, risk, items, undo } = aPlan();
  return {
    id: 'entry-1',
    at: now - 60_000,
    who: 'ops@headnode',
    context: 'lab',
    operation: ref,
    title,
    risk,
    plan: items.map(({ exact }) => exact),
    undo,
    result: 'done',
    said: '8 of 8 GPUs of gpu-2 registered',
    items: { done: 1, failed: 0, total: 1 },
    tookMs: 21_000,
    ...overrides,
  };
}

/** A lost GPU node: one cause that can be mended, one consequence, and a check that passed. */
export function aReport(overrides: Partial<CheckReport> = {}): CheckReport {
  const cause: Finding = {
    id: 'device-plugin',
    object: 'daemonset/kube-system/nvidia-device-plugin',
    status: 'fail',
    severity: 'critical',
    message: 'gpu-2 registers 0 of 8 GPUs: its device plugin runs without the nvidia runtime class',
    fix: { summary: 'Set runtimeClassName on the DaemonSet', command: 'kubectl -n kube-system patch daemonset nvidia-device-plugin', operation: aPlan().ref },
    evidence: [{ source: 'log of pod kube-system/nvidia-device-plugin-x7k2p', text: 'No devices found. Waiting indefinitely.' }],
  };
  const follows: Finding = {
    id: 'workloads-ready',
    object: 'deployment/ai/whisper-inference',
    status: 'fail',
    severity: 'warning',
    message: 'ai/whisper-inference has 0 of 1 replicas ready',
    fix: null,
  };
  const passed: Finding = { id: 'node-ready', object: 'node/gpu-1', status: 'pass', severity: 'critical', message: 'Ready for 24h', fix: null };
  return {
    verdict: 'failed',
    counts: { pass: 1, warn: 0, fail: 2, unknown: 0, skipped: 0 },
    findings: [passed, cause, follows],
    stages: [],
    causes: [{ finding: cause, follows: [follows] }],
    ...overrides,
  };
}
