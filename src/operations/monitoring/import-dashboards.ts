import { dashboards } from '../../prometheus/dashboards.js';
import { findGrafana } from '../../prometheus/discovery.js';
import { type GrafanaLogin, type GrafanaVisit, visitGrafana } from '../../prometheus/grafana-visit.js';
import { MonitoringError } from '../../prometheus/monitoring-error.js';
import type { Road } from '../../prometheus/road.js';
import { seeServices } from '../../prometheus/services.js';
import type { Plan, Verification } from '../../state/operations.js';
import type { Operation, PlannedOperation, Step, World } from '../operation.js';
import { type ImportOutcome, importDashboards as importAll, type PlannedDashboard } from './dashboard-import.js';

/**
 * Our dashboards into the cluster's Grafana, all of them or none. `user` and `password` log in to it where it wants that; they are used for this plan and its run alone and stand in neither plan
 * nor journal.
 */
export const importDashboards: Operation = {
  id: 'import-dashboards',
  title: 'import the dashboards into Grafana',
  async plan(input, world) {
    const road = await grafanaRoad(world);
    const { user = '', password = '' } = input;
    const login = user === '' && password === '' ? null : { user, password };
    try {
      const visit = await visitGrafana(road, login);
      const found = await lookAround(visit);
      // A session that waits for somebody to confirm would be a session too many: the run logs in anew.
      await visit.leave();
      return planned(road, login, found);
    } catch (error) {
      if (!(error instanceof MonitoringError)) throw error;
      const isLoginWanted = error.kind === 'denied' && login === null;
      const blocker = isLoginWanted ? `${error.message}: give those of somebody who may edit dashboards` : error.message;
      return planned(road, login, { dataSource: null, dashboards: [], blockers: [blocker], asks: error.kind === 'denied' ? loginQuestions : [] });
    }
  },
};

interface Surroundings {
  readonly dataSource: { readonly uid: string; readonly name: string } | null;
  readonly dashboards: readonly PlannedDashboard[];
  readonly blockers: readonly string[];
  readonly asks: NonNullable<Plan['asks']>;
}

const loginQuestions = [
  { field: 'user', label: 'Grafana user', secret: false },
  { field: 'password', label: 'Grafana password', secret: true },
] as const;

async function grafanaRoad(world: World): Promise<Road> {
  const found = await findGrafana(world.client, await seeServices(world.client));
  switch (found.status) {
    case 'found':
      return found.value;
    case 'none':
    case 'silent':
      throw new Error(found.why);
    case 'denied':
      throw new Error('not allowed to get services/proxy, which is the way to Grafana');
  }
}

async function lookAround(visit: GrafanaVisit): Promise<Surroundings> {
  const sources = await visit.dataSources();
  const dataSource = sources.find(({ isDefault }) => isDefault) ?? sources[0] ?? null;
  const wanted = await Promise.all(dashboards(dataSource).map(async (dashboard) => ({ ...dashboard, before: await visit.dashboard(dashboard.uid) })));
  const locked = wanted.filter(({ before }) => before?.isProvisioned === true).map(({ title }) => title);
  return {
    dataSource,
    dashboards: wanted,
    asks: [],
    blockers: [
      ...(dataSource === null ? ['Grafana has no data source of type prometheus: add one under Connections > Data sources'] : []),
      ...(locked.length === 0 ? [] : [`provisioned from a file, where they have to be changed: ${locked.join(', ')}`]),
    ],
  };
}

function planned(road: Road, login: GrafanaLogin | null, { dataSource, dashboards: wanted, blockers, asks }: Surroundings): PlannedOperation {
  const replaced = wanted.filter(({ before }) => before !== null);
  let run: Promise<ReadonlyMap<string, ImportOutcome>> | null = null;
  const all = (signal: AbortSignal) => {
    // All steps share one run: a dashboard is only in when all of them are.
    run ??= importWithLogin(road, login, wanted, signal);
    return run;
  };
  const steps = wanted.map(
    ({ uid, title, before }): Step => ({
      item: {
        id: uid,
        object: `dashboard/${uid}`,
        text: before === null ? `Add ${title}` : `Replace ${title} (version ${before.version ?? '?'})`,
        exact: `POST ${road.url}/api/dashboards/db {"dashboard":{"uid":"${uid}",…},"overwrite":true}`,
      },
      action: {
        do: 'call',
        async perform(signal) {
          const outcome = (await all(signal)).get(uid);
          if (outcome === undefined) throw new Error('not tried');
          if (!outcome.ok) throw new Error(outcome.why);
          return outcome.said;
        },
      },
    }),
  );
  const plan: Plan = {
    // Without the login: the wish is kept in the journal.
    ref: { id: 'import-dashboards', input: {} },
    title: `Import ${wanted.length === 0 ? 'the' : wanted.length} dashboards into Grafana`,
    risk: 'safe',
    items: steps.map(({ item }) => item),
    warnings: [
      ...(dataSource === null ? [] : [`they ask the data source ${dataSource.name}; another can be chosen in each dashboard`]),
      ...(replaced.length === 0 ? [] : [`what was changed by hand in ${replaced.map(({ title }) => title).join(', ')} is replaced`]),
    ],
    blockers,
    undo: replaced.length === 0 ? 'delete them in Grafana' : "Grafana keeps the former versions: a dashboard's Settings > Versions",
    confirmName: 'grafana',
    goal: 'all dashboards are in Grafana',
    plannedAt: Date.now(),
    asks,
  };
  return { plan, steps, concurrency: Math.max(1, steps.length), verify: () => verify(road, login, wanted) };
}

async function importWithLogin(
  road: Road,
  login: GrafanaLogin | null,
  wanted: readonly PlannedDashboard[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportOutcome>> {
  const visit = await visitGrafana(road, login);
  try {
    return await importAll(visit, wanted, signal);
  } finally {
    await visit.leave();
  }
}

async function verify(road: Road, login: GrafanaLogin | null, wanted: readonly PlannedDashboard[]): Promise<Verification> {
  const visit = await visitGrafana(road, login);
  try {
    const missing: string[] = [];
    for (const { uid, title, model } of wanted) {
      const there = await visit.dashboard(uid);
      if (there === null || panelCount(there.model) !== panelCount(model)) missing.push(title);
    }
    if (missing.length > 0) return { seen: false, text: `not in Grafana as they should be: ${missing.join(', ')}` };
    return { seen: true, text: `${wanted.length} dashboards are in Grafana, at ${road.url}/dashboards?tag=gpuk8s` };
  } finally {
    await visit.leave();
  }
}

/** New versions of Grafana bring stored dashboards into their own form: their number of panels stays. */
function panelCount(model: Readonly<Record<string, unknown>>): number {
  const panels = model['panels'];
  return Array.isArray(panels) ? panels.length : 0;
}
