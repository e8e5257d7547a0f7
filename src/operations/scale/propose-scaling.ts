import type { Autoscaler, ScaleForecast, ScaleTarget } from '../../state/scaling.js';
import { count } from '../../text/amount.js';
import { counted, listed } from '../../text/wording.js';
import { forbidden, kubectl } from '../cluster-reading.js';
import { Blocked, nothingToDo, type Proposal } from '../fix.js';
import type { CallAction, World } from '../operation.js';
import type { Change } from '../steps.js';
import { pinChange, unpinWords } from './autoscalers.js';
import { forecastScaling } from './forecast.js';
import { pulls } from './image-warnings.js';
import { readScaleBasis, type ScaleBasis, type WorkloadBasis } from './scale-basis.js';
import { mostReplicas } from './scale-outlook.js';
import { scalePatch } from './scale-patch.js';
import { ownedBlocker, scaleWarnings } from './scale-warnings.js';
import { watchScaling } from './scale-watch.js';
import { forecastWords, isWhole, placedWords } from './scale-words.js';

/** Sets workloads to one number of replicas: what the scheduler will make of it, and all that may take it back. `pinned` holds their autoscalers at that number first. */
export async function proposeScaling(world: World, targets: readonly ScaleTarget[], replicas: number, pinned: boolean): Promise<Proposal> {
  if (replicas < 0) throw new Blocked(`${replicas} replicas: the least is 0`);
  const basis = await readScaleBasis(world, targets);
  const most = mostReplicas(basis);
  if (replicas > most) throw new Blocked(`${count(replicas)} replicas: all nodes together take ${counted(most, 'pod')} at most`);
  const changing = basis.workloads.filter((workload) => workload.replicas !== replicas || pinsOf(workload, replicas, pinned).length > 0);
  if (changing.length === 0)
    throw nothingToDo(
      `${listed(basis.workloads.map(({ place }) => place.words))} ${basis.workloads.length === 1 ? 'has' : 'have'} ${counted(replicas, 'replica')}`,
    );
  const forecasts = forecastScaling(
    basis,
    basis.workloads.map(() => replicas),
  );
  const jobs = basis.workloads.flatMap((workload, index) => {
    const forecast = forecasts[index];
    return forecast === undefined || !changing.includes(workload) ? [] : [{ workload, forecast }];
  });
  const several = jobs.length > 1;
  const blockers = await Promise.all(jobs.map(({ workload }) => blockersOf(world, workload, replicas, pinned)));
  return {
    title: titleOf(jobs, replicas),
    risk: jobs.some(({ workload }) => workload.replicas > replicas) ? 'disruptive' : 'safe',
    changes: several ? jobs.map((job) => wholeChange(world, basis, job, pinned)) : jobs.flatMap((job) => singleChanges(world, basis, job, pinned)),
    concurrency: several ? jobs.length : 1,
    warnings: [
      ...(several && forecasts.some((forecast) => !isWhole(forecast))
        ? ['they compete for the same room: which of them gets less may come out otherwise']
        : []),
      ...jobs.flatMap(({ workload, forecast }) => {
        const own = scaleWarnings(basis, workload, forecast, pinned, world.snapshot());
        return several ? own.map((warning) => `${workload.place.words}: ${warning}`) : own;
      }),
    ],
    blockers: blockers.flat(),
    undo: jobs.flatMap(({ workload }) => undoWords(world, workload, pinned)).join(' && '),
    goal: jobs.map(({ workload, forecast }) => goalOf(workload, forecast)).join('; '),
    async verify(seen, signal) {
      const all = await Promise.all(jobs.map(({ workload, forecast }) => watchScaling(seen, workload, forecast, { within: several ? 60_000 : 5_000, signal })));
      return {
        seen: all.every((one) => one.seen),
        text: all.map(({ text }, index) => (several ? `${jobs[index]?.workload.place.words ?? ''}: ${text}` : text)).join('; '),
      };
    },
  };
}

interface Job {
  readonly workload: WorkloadBasis;
  readonly forecast: ScaleForecast;
}

function titleOf(jobs: readonly Job[], replicas: number): string {
  const [first] = jobs;
  if (jobs.length === 1 && first !== undefined) return `Scale ${first.workload.place.words} from ${first.workload.replicas} to ${counted(replicas, 'replica')}`;
  return `Scale ${jobs.length} workloads to ${counted(replicas, 'replica')} each`;
}

function goalOf({ place }: WorkloadBasis, forecast: ScaleForecast): string {
  if (forecast.to === 0) return `no pod of ${place.words} is left`;
  if (forecast.ready === null || isWhole(forecast)) return `${count(forecast.to)} of ${counted(forecast.to, 'pod')} of ${place.words} Ready`;
  return `as foretold for ${place.words}: ${forecastWords(forecast)}`;
}

/** Pins, then the number, then what comes of it, each a step of its own. */
function singleChanges(world: World, basis: ScaleBasis, job: Job, pinned: boolean): readonly Change[] {
  const { workload, forecast } = job;
  const patch = scalePatch(world, workload, forecast.to);
  return [
    ...pinsOf(workload, forecast.to, pinned),
    {
      object: workload.place.object,
      text: numberWords(job),
      exact: patch.exact,
      action: call(async (signal) => {
        await patch.perform(signal);
        return null;
      }),
    },
    {
      object: workload.place.object,
      text: 'Watch its pods until it has come as foretold',
      exact: `GET ${workload.place.scalePath} and its pods, again and again`,
      action: watching(world, basis, job),
    },
  ];
}

/** All of it in one step: several workloads go side by side, and trouble with one keeps none of the others. */
function wholeChange(world: World, basis: ScaleBasis, job: Job, pinned: boolean): Change {
  const { workload, forecast } = job;
  const patch = scalePatch(world, workload, forecast.to);
  const pins = pinsOf(workload, forecast.to, pinned);
  const watch = watching(world, basis, job);
  return {
    object: workload.place.object,
    text: `${workload.place.words}: ${numberWords(job)}`,
    exact: [...pins.map(({ exact }) => exact), patch.exact].join('; '),
    action: call(async (signal, tell) => {
      for (const { action } of pins) if (action.do === 'request') await world.client.request(action.path, { ...action.request, signal });
      await patch.perform(signal);
      return watch.perform(signal, tell);
    }),
  };
}

function watching(world: World, basis: ScaleBasis, { workload, forecast }: Job): CallAction {
  // An image of twenty gigabytes takes its time.
  const within = pulls(basis, workload, forecast) ? 30 * 60_000 : 10 * 60_000;
  return call(async (signal, tell) => {
    const { seen, text } = await watchScaling(world, workload, forecast, { within, signal, ...(tell === undefined ? {} : { tell }) });
    if (!seen) throw new Error(text);
    return text;
  });
}

function call(perform: CallAction['perform']): CallAction {
  return { do: 'call', perform };
}

/** `Set replicas 1 → 8; 7 new ones: 4 on gpu-1, 3 on gpu-2` */
function numberWords({ workload, forecast }: Job): string {
  const { leaving, placed } = forecast;
  const goes = leaving.length === 0 ? '' : `; ${leaving.length === 1 ? 'goes' : 'go'}: ${listed(leaving, 5)}`;
  const comes = placed.size === 0 ? '' : `; new ones: ${placedWords(forecast)}`;
  return `Set replicas ${workload.replicas} → ${forecast.to}${goes}${comes}`;
}

function pinsOf({ autoscalers }: WorkloadBasis, replicas: number, pinned: boolean): readonly Change[] {
  return pinned ? autoscalers.flatMap((autoscaler) => pinChange(autoscaler, replicas) ?? []) : [];
}

async function blockersOf(world: World, workload: WorkloadBasis, replicas: number, pinned: boolean): Promise<readonly string[]> {
  const { place, autoscalers } = workload;
  const owned = ownedBlocker(workload);
  const denied = await forbidden(
    world,
    { verb: 'patch', resource: place.resource, namespace: place.namespace },
    ...(pinned ? autoscalers.map((autoscaler) => ({ verb: 'patch', resource: autoscalerResource(autoscaler), namespace: place.namespace })) : []),
  );
  const known = [...(owned === null ? [] : [owned]), ...denied];
  if (known.length > 0) return known;
  const refused = await scalePatch(world, workload, replicas).rehearse();
  return refused === null ? [] : [`the API server would not take it: ${refused}`];
}

function autoscalerResource({ kind }: Autoscaler): string {
  return kind === 'ScaledObject' ? 'scaledobjects.keda.sh' : 'horizontalpodautoscalers.autoscaling';
}

function undoWords(world: World, { place, replicas, autoscalers }: WorkloadBasis, pinned: boolean): readonly string[] {
  const kind = ['apps', ''].includes(place.group) ? place.kind.toLowerCase() : `${place.plural}.${place.group}`;
  return [
    ...(pinned ? autoscalers.map((autoscaler) => kubectl(world, '-n', place.namespace, ...unpinWords(autoscaler))) : []),
    kubectl(world, '-n', place.namespace, 'scale', `${kind}/${place.name}`, '--replicas', String(replicas)),
  ];
}
