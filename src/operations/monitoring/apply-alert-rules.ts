import { at, list, text } from '../../kube/json.js';
import { alertRules, prometheusRule, ruleName } from '../../prometheus/alert-rules.js';
import { findPrometheus } from '../../prometheus/discovery.js';
import { isRecord } from '../../prometheus/json.js';
import { MonitoringError } from '../../prometheus/monitoring-error.js';
import { ruleGroupsIn } from '../../prometheus/rules.js';
import { seeServices } from '../../prometheus/services.js';
import { forbidden, kubectl, readObject } from '../cluster-reading.js';
import { Blocked, defineFix, fieldForms } from '../fix.js';
import type { Operation, World } from '../operation.js';
import { fieldManager, patchTypes, requestChange } from '../steps.js';
import { askUntil } from '../verification.js';

/** Our alert rules as a PrometheusRule, for the Prometheus operator to hand to its Prometheus. */
export const applyAlertRules: Operation = defineFix({
  id: 'apply-alert-rules',
  title: 'apply the alert rules',
  fields: { namespace: fieldForms.object },
  headline: (field) => `Apply the alert rules as PrometheusRule ${field('namespace')}/${ruleName}`,
  subject: () => ruleName,
  async propose(field, world) {
    const namespace = field('namespace');
    if ((await readObject(world, `${group}`)) === null) {
      throw new Blocked(
        "there is no Prometheus operator here (no PrometheusRule): put the file assets/alerts/gpuk8s.rules.yaml of this program beside Prometheus' configuration, name it under rule_files, and reload Prometheus",
      );
    }
    const path = `${group}/namespaces/${encodeURIComponent(namespace)}/prometheusrules/${ruleName}`;
    const existing = await readObject(world, path);
    const selection = await ruleSelection(world);
    const resource = 'prometheusrules.monitoring.coreos.com';
    const count = alertRules().reduce((sum, { rules }) => sum + rules.length, 0);
    return {
      risk: 'safe',
      changes: [
        requestChange({
          object: `prometheusrule/${namespace}/${ruleName}`,
          text: `${existing === null ? 'Create' : 'Update'} PrometheusRule ${namespace}/${ruleName} with ${count} alerts`,
          path,
          method: 'PATCH',
          contentType: patchTypes.apply,
          query: { fieldManager, force: true },
          body: prometheusRule(namespace, selection.labels),
        }),
      ],
      warnings: [
        ...selection.warnings,
        ...(selection.namespaces !== null && !selection.namespaces.includes(namespace)
          ? [`the operator's Prometheus reads rules of its own namespace alone (${selection.namespaces.join(', ')}): in ${namespace} they are not seen`]
          : []),
      ],
      blockers: await forbidden(world, { verb: 'create', resource, namespace }, { verb: 'patch', resource, namespace }),
      undo: kubectl(world, 'delete', 'prometheusrule', '--namespace', namespace, ruleName),
      goal: 'Prometheus has the alert rules loaded',
      verify: (seen, signal) =>
        // The operator writes a ConfigMap, which takes a minute or two to reach Prometheus' pod.
        askUntil(signal, {
          within: 180_000,
          everyMs: 3_000,
          goal: `Prometheus has ${count} alert rules of ${ruleName} loaded`,
          read: () => loadedGroups(seen),
          missing: (groups) => {
            const left = alertRules().filter(({ name }) => !groups.includes(name));
            return left.length === 0 ? null : `Prometheus has not loaded ${left.map(({ name }) => name).join(', ')} yet: ${selectionHint}`;
          },
        }),
    };
  },
});

const group = '/apis/monitoring.coreos.com/v1';
const selectionHint = 'its ruleSelector may want other labels (kubectl get prometheus -A -o yaml)';

interface Selection {
  readonly labels: Readonly<Record<string, string>>;
  /** Where rules are read; null: anywhere, or not known. */
  readonly namespaces: readonly string[] | null;
  readonly warnings: readonly string[];
}

/** The labels that the operator's Prometheus selects rules by, as `release: kps` of a chart. */
async function ruleSelection(world: World): Promise<Selection> {
  const found = await readObject(world, `${group}/prometheuses`).catch(() => null);
  const items = list(at(found, 'items'));
  if (items.length === 0)
    return { labels: {}, namespaces: null, warnings: ['no Prometheus of the operator can be seen: whether one picks the rules up is not known'] };
  const labels = items
    .map((item) => at(item, 'spec', 'ruleSelector', 'matchLabels'))
    .flatMap((wanted) => (isRecord(wanted) ? Object.entries(wanted) : []))
    .flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
  const hasExpressions = items.some((item) => list(at(item, 'spec', 'ruleSelector', 'matchExpressions')).length > 0);
  // Without a namespace selector a Prometheus reads the rules of its own namespace only.
  const isOwnOnly = items.every((item) => at(item, 'spec', 'ruleNamespaceSelector') === undefined || at(item, 'spec', 'ruleNamespaceSelector') === null);
  return {
    labels: Object.fromEntries(labels),
    namespaces: isOwnOnly ? items.flatMap((item) => text(at(item, 'metadata', 'namespace')) ?? []) : null,
    warnings: hasExpressions ? ['its ruleSelector has matchExpressions, which are not looked at here'] : [],
  };
}

async function loadedGroups(world: World): Promise<readonly string[]> {
  const found = await findPrometheus(world.client, await seeServices(world.client));
  if (found.status !== 'found')
    throw new MonitoringError('unreachable', found.status === 'denied' ? 'not allowed to ask Prometheus whether it has them' : found.why);
  return ruleGroupsIn(found.value);
}
