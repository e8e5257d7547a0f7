import { at, isObject, list, number, text } from '../../kube/json.js';
import type { Autoscaler, ScaleForecast } from '../../state/scaling.js';
import type { ClusterSnapshot } from '../../state/snapshot.js';
import { counted, listed } from '../../text/wording.js';
import { autoscalerWarning } from './autoscalers.js';
import { imageWarnings } from './image-warnings.js';
import type { ScaleBasis, WorkloadBasis } from './scale-basis.js';
import { forecastWords, isWhole } from './scale-words.js';

/** What has to be known before a workload is scaled: why not all of its pods will run, who takes it back, what else it does. */
export function scaleWarnings(
  basis: ScaleBasis,
  workload: WorkloadBasis,
  forecast: ScaleForecast,
  pinned: boolean,
  snapshot: ClusterSnapshot,
): readonly string[] {
  return [
    ...(isWhole(forecast) ? [] : [forecastWords(forecast)]),
    ...workload.autoscalers.flatMap((autoscaler) => autoscalerWarnings(autoscaler, forecast.to, pinned)),
    ...preemptionWarnings(basis, workload, forecast),
    ...ownerWarnings(workload.object),
    ...rolloutWarnings(workload),
    ...budgetWarnings(workload, forecast),
    ...imageWarnings(basis, workload, forecast, snapshot),
    ...workload.unseen.map((what) => `could not look at ${what}`),
  ];
}

/** Why the number would not stay even for a moment; null where it would. */
export function ownedBlocker({ place, object }: WorkloadBasis): string | null {
  const owner = list(at(object, 'metadata', 'ownerReferences')).find((reference) => at(reference, 'controller') === true);
  if (place.kind !== 'ReplicaSet' || at(owner, 'kind') !== 'Deployment') return null;
  const name = text(at(owner, 'name')) ?? '';
  return `deployment ${place.namespace}/${name} owns it and sets it back at once: scale deployment/${name} instead`;
}

function autoscalerWarnings(autoscaler: Autoscaler, replicas: number, pinned: boolean): readonly string[] {
  if (pinned && !(autoscaler.kind === 'HorizontalPodAutoscaler' && replicas === 0)) return [];
  const warning = autoscalerWarning(autoscaler, replicas);
  return warning === null ? [] : [warning];
}

/** Pods of higher priority do not wait: the scheduler ends others for them. */
function preemptionWarnings({ pods }: ScaleBasis, { template, place }: WorkloadBasis, { pending }: ScaleForecast): readonly string[] {
  if (pending === 0 || template === null || at(template.spec, 'preemptionPolicy') === 'Never') return [];
  const asked = [...template.rules.requests.keys()].filter((resource) => resource.includes('/'));
  const lower = (pods ?? []).filter(
    ({ priority, requests, nodeName, leaving }) =>
      nodeName !== null && !leaving && priority < template.rules.priority && (asked.length === 0 || asked.some((resource) => requests.has(resource))),
  );
  if (lower.length === 0) return [];
  const names = listed(lower.map(({ namespace, name }) => `${namespace}/${name}`));
  return [
    `its pods have priority over ${counted(lower.length, 'other pod')}: the scheduler may end ${names} to make room for what would stay Pending (${place.name})`,
  ];
}

function ownerWarnings(object: unknown): readonly string[] {
  const metadata = at(object, 'metadata');
  const owner = list(at(metadata, 'ownerReferences')).find((reference) => at(reference, 'controller') === true);
  const helm = text(at(metadata, 'annotations', 'meta.helm.sh/release-name'));
  const argo = text(at(metadata, 'annotations', 'argocd.argoproj.io/tracking-id')) ?? text(at(metadata, 'labels', 'argocd.argoproj.io/instance'));
  const flux = text(at(metadata, 'labels', 'kustomize.toolkit.fluxcd.io/name')) ?? text(at(metadata, 'labels', 'helm.toolkit.fluxcd.io/name'));
  return [
    ...(owner === undefined ? [] : [`${text(at(owner, 'kind')) ?? 'something'} ${text(at(owner, 'name')) ?? ''} owns it and may set it back`]),
    ...(argo === null ? [] : [`Argo CD keeps it as ${argo.split(':')[0] ?? argo} has it and may set it back`]),
    ...(flux === null ? [] : [`Flux keeps it as ${flux} has it and may set it back`]),
    ...(helm === null ? [] : [`Helm release ${helm} made it: its next upgrade may set it back`]),
  ];
}

function rolloutWarnings({ place, object, pods }: WorkloadBasis): readonly string[] {
  const status = (name: string) => number(at(object, 'status', name)) ?? 0;
  const paused = at(object, 'spec', 'paused') === true;
  const total = status('replicas');
  const underWay = place.kind === 'Deployment' && !paused && total > 0 && status('updatedReplicas') < total;
  const failing = pods.filter(({ trouble, leaving }) => trouble !== null && !leaving);
  return [
    ...(underWay ? [`a rollout is under way (${status('updatedReplicas')} of ${total} pods are new): it is foretold as though that were over`] : []),
    ...(paused ? ['its rollout is paused: it is scaled all the same, old and new pods in proportion'] : []),
    ...(failing.length === 0
      ? []
      : [
          `${counted(failing.length, 'pod')} of it ${failing.length === 1 ? 'does' : 'do'} not work now (${failing[0]?.trouble ?? ''}): new ones may fare no better`,
        ]),
  ];
}

/** A budget does not hold scaling back, it is about evictions; but it may hold up the next drain. */
function budgetWarnings({ budgets }: WorkloadBasis, { to, from, ready }: ScaleForecast): readonly string[] {
  if (to >= from) return [];
  return budgets.flatMap((budget) => {
    const name = text(at(budget, 'metadata', 'name')) ?? '';
    const spec = at(budget, 'spec');
    const least =
      portion(at(spec, 'minAvailable'), to) ?? (portion(at(spec, 'maxUnavailable'), to) === null ? null : to - (portion(at(spec, 'maxUnavailable'), to) ?? 0));
    if (least === null || !isObject(spec)) return [];
    if (to < least)
      return [`disruption budget ${name} wants ${least} available: scaling down is no eviction, so it goes through, and then none of its pods may be evicted`];
    return (ready ?? to) - least <= 0 && to > 0 ? [`disruption budget ${name} then lets none of its pods be evicted: draining their nodes waits for ever`] : [];
  });
}

/** `2` or `50%` of so many, rounded up; null for anything else. */
function portion(value: unknown, of: number): number | null {
  if (typeof value === 'number') return value;
  const share = /^(\d+)%$/.exec(String(value ?? ''))?.[1];
  return share === undefined ? null : Math.ceil((of * Number(share)) / 100);
}
