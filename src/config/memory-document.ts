import { clean } from '../text/clean.js';
import type { ContextMemory, LastLook, NodeMemory, RebootMemory } from './memory.js';

/** How many reboots of a node are remembered. */
export const rebootsKept = 10;

/**
 * Reads `{ contexts: { NAME: {…} } }`, the shape of memory.json, or says in one sentence what is wrong with it. Fields that a later version added
 * are left alone; what is missing counts as never seen.
 */
export function parseMemory(stored: unknown): ReadonlyMap<string, ContextMemory> | string {
  try {
    const contexts = record(record(stored, 'the file')['contexts'] ?? {}, 'contexts');
    return new Map(Object.entries(contexts).map(([name, value]) => [name, contextOf(value, `contexts.${name}`)]));
  } catch (error) {
    if (error instanceof MemoryProblem) return error.message;
    throw error;
  }
}

/** Reads what is remembered of one context, or says in one sentence what is wrong with it. */
export function parseContextMemory(stored: unknown): ContextMemory | string {
  try {
    return contextOf(stored, 'the context');
  } catch (error) {
    if (error instanceof MemoryProblem) return error.message;
    throw error;
  }
}

class MemoryProblem extends Error {}

function contextOf(value: unknown, where: string): ContextMemory {
  const fields = record(value, where);
  return {
    lastVisitAt: timeOrNull(fields['lastVisitAt'], `${where}.lastVisitAt`),
    nodes: each(fields['nodes'], `${where}.nodes`, nodeOf),
    reboots: each(fields['reboots'], `${where}.reboots`, (list, place) =>
      array(list, place)
        .map((one) => rebootOf(one, place))
        .slice(-rebootsKept),
    ),
    last: fields['last'] === undefined || fields['last'] === null ? null : lastOf(fields['last'], `${where}.last`),
    offered: fields['offered'] === true,
  };
}

function nodeOf(value: unknown, where: string): NodeMemory {
  const fields = record(value, where);
  const text = (name: string) => textOrNull(fields[name], `${where}.${name}`);
  return {
    bootId: text('bootId'),
    bootedAt: timeOrNull(fields['bootedAt'], `${where}.bootedAt`),
    address: text('address'),
    kernel: text('kernel'),
    kubelet: text('kubelet'),
    runtime: text('runtime'),
    driver: text('driver'),
    gpus: timeOrNull(fields['gpus'], `${where}.gpus`),
    ready: fields['ready'] === true,
    machineId: text('machineId'),
    recovering: fields['recovering'] === true,
  };
}

function rebootOf(value: unknown, where: string): RebootMemory {
  const fields = record(value, where);
  const { bootId, bootedAt } = fields;
  if (typeof bootId !== 'string' || !isNumber(bootedAt)) throw new MemoryProblem(`${where} has a reboot without a boot id or a time`);
  return { bootId: clean(bootId, 64), bootedAt, steps: each(fields['steps'], `${where}.steps`, number) };
}

function lastOf(value: unknown, where: string): LastLook {
  const fields = record(value, where);
  return {
    targetsDown: texts(fields['targetsDown'], `${where}.targetsDown`),
    targets: number(fields['targets'] ?? 0, `${where}.targets`),
    badPods: texts(fields['badPods'], `${where}.badPods`),
    deadPods: number(fields['deadPods'] ?? 0, `${where}.deadPods`),
  };
}

function each<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record(value ?? {}, where)).map(([name, own]) => [clean(name, 256), read(own, `${where}.${name}`)]));
}

function texts(value: unknown, where: string): readonly string[] {
  return array(value ?? [], where).flatMap((text) => (typeof text === 'string' ? [clean(text, 512)] : []));
}

function array(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new MemoryProblem(`${where} is not a list`);
  return value;
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new MemoryProblem(`${where} is not an object`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOrNull(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new MemoryProblem(`${where} is not a text`);
  return clean(value, 256);
}

function timeOrNull(value: unknown, where: string): number | null {
  return value === undefined || value === null ? null : number(value, where);
}

function number(value: unknown, where: string): number {
  if (!isNumber(value)) throw new MemoryProblem(`${where} is not a number`);
  return value;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
