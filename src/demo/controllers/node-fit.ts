import type { KubeObject } from '../api/object-store.js';
import { at, fieldsAt, listAt, textAt, textsAt } from '../fields.js';
import { fits } from './objects.js';

/** Whether a pod's nodeSelector and required node affinity allow a node. */
export function matchesNode(podSpec: unknown, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  for (const [name, value] of Object.entries(textsAt(podSpec, 'nodeSelector'))) if (labels[name] !== value) return false;
  const required = at(podSpec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return required === undefined || matchesTerms(required, node);
}

/** Whether a node meets one of the terms of a node selector. */
export function matchesTerms(selector: unknown, node: KubeObject): boolean {
  return listAt(selector, 'nodeSelectorTerms').some((term) => matchesTerm(term, node));
}

/** Sum of the weights of the preferred node affinity terms that a node meets. */
export function preference(podSpec: unknown, node: KubeObject): number {
  let weight = 0;
  for (const preferred of listAt(podSpec, 'affinity', 'nodeAffinity', 'preferredDuringSchedulingIgnoredDuringExecution')) {
    if (matchesTerm(fieldsAt(preferred, 'preference'), node)) weight += Number(at(preferred, 'weight') ?? 0);
  }
  return weight;
}

function matchesTerm(term: unknown, node: KubeObject): boolean {
  const expressions = listAt(term, 'matchExpressions');
  const fields = listAt(term, 'matchFields');
  if (expressions.length + fields.length === 0) return false;
  const named = { 'metadata.name': node.metadata.name };
  return expressions.every((expression) => fits(expression, node.metadata.labels ?? {})) && fields.every((expression) => fits(expression, named));
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export function taintsOf(node: KubeObject): Taint[] {
  return listAt(node, 'spec', 'taints').map((taint) => ({
    key: textAt(taint, 'key') ?? '',
    value: textAt(taint, 'value') ?? '',
    effect: textAt(taint, 'effect') ?? '',
  }));
}

/** The first taint that keeps a pod off a node, null when it tolerates them all. PreferNoSchedule keeps nobody off. */
export function untolerated(tolerations: readonly unknown[], node: KubeObject): Taint | null {
  return taintsOf(node).find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))) ?? null;
}

export function toleratesAll(tolerations: readonly unknown[], node: KubeObject): boolean {
  return untolerated(tolerations, node) === null;
}

export function tolerates(toleration: unknown, taint: Taint): boolean {
  const effect = textAt(toleration, 'effect') ?? '';
  if (effect !== '' && effect !== taint.effect) return false;
  const key = textAt(toleration, 'key') ?? '';
  if (key === '') return textAt(toleration, 'operator') === 'Exists';
  if (key !== taint.key) return false;
  return textAt(toleration, 'operator') === 'Exists' || (textAt(toleration, 'value') ?? '') === taint.value;
}
