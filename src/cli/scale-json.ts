import type { OperationRun, Plan } from '../state/operations.js';
import type { Autoscaler, ScaleForecast, ScaleOutlook, ScaleTarget } from '../state/scaling.js';

/** What `scale --output json` prints. */
export interface ScaleJson {
  readonly schemaVersion: 1;
  readonly workloads: readonly {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly from: number;
    readonly to: number;
    /** `ready` is null where it cannot be foretold; `unknown` says why. */
    readonly forecast: {
      readonly ready: number | null;
      readonly pending: number;
      readonly pendingReason: string | null;
      readonly notCreated: number;
      readonly notCreatedReason: string | null;
      readonly failing: number;
      readonly failingReason: string | null;
      /** New pods by node. */
      readonly placed: Readonly<Record<string, number>>;
      /** Names of the pods that go. */
      readonly leaving: readonly string[];
      readonly unknown: string | null;
    };
    readonly autoscalers: readonly Pick<Autoscaler, 'kind' | 'name' | 'least' | 'most' | 'pausedAt'>[];
  }[];
  readonly warnings: readonly string[];
  readonly blockers: readonly string[];
  readonly requests: readonly string[];
  readonly undo: string | null;
  readonly result: 'planned' | 'blocked' | 'done' | 'failed' | 'cancelled';
  readonly said: string | null;
  readonly durationSeconds: number | null;
}

/** The plan, and what came of it; `run` null where it was not run. */
export function scaleJson({ outlook, plan, forecasts }: Seen, run: OperationRun | null): string {
  const json: ScaleJson = {
    schemaVersion: 1,
    workloads: forecasts.map((forecast, index) => {
      const { ready, pending, pendingWhy, notCreated, notCreatedWhy, failing, failingWhy, placed, leaving, unknown } = forecast;
      return {
        ...forecast.target,
        from: forecast.from,
        to: forecast.to,
        forecast: {
          ready,
          pending,
          pendingReason: pendingWhy,
          notCreated,
          notCreatedReason: notCreatedWhy,
          failing,
          failingReason: failingWhy,
          placed: Object.fromEntries(placed),
          leaving,
          unknown,
        },
        autoscalers: (outlook.targets[index]?.autoscalers ?? []).map(({ kind, name, least, most, pausedAt }) => ({ kind, name, least, most, pausedAt })),
      };
    }),
    warnings: plan.warnings,
    blockers: plan.blockers,
    requests: plan.items.map(({ exact }) => exact),
    undo: plan.undo,
    result: run === null ? (plan.blockers.length > 0 ? 'blocked' : 'planned') : run.state === 'done' || run.state === 'cancelled' ? run.state : 'failed',
    said: run === null ? null : saidOf(run),
    durationSeconds: run === null ? null : ((run.endedAt ?? run.startedAt) - run.startedAt) / 1000,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** What a plan was made of, for the report. */
export interface Seen {
  readonly targets: readonly ScaleTarget[];
  readonly outlook: ScaleOutlook;
  readonly plan: Plan;
  readonly forecasts: readonly ScaleForecast[];
}

/** What came of a run, in one sentence. */
export function saidOf({ items, verification }: OperationRun): string {
  return items.find(({ state }) => state === 'failed')?.said ?? verification?.text ?? 'no more is known';
}
