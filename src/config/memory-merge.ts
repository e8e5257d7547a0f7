import type { ContextMemory, RebootMemory } from './memory.js';
import { rebootsKept } from './memory-document.js';

/**
 * What to keep when two programs look at the same cluster: what we changed since we read or kept it last (`before`) counts as ours, all else as it
 * is stored by now. Reboots are never lost, and the last visit is the latest of both.
 */
export function mergedMemory({ before, ours, stored }: { readonly [Side in 'before' | 'ours' | 'stored']: ContextMemory }): ContextMemory {
  return {
    lastVisitAt: latest(ours.lastVisitAt, stored.lastVisitAt),
    nodes: mergedRecord(before.nodes, ours.nodes, stored.nodes),
    reboots: mergedReboots(ours.reboots, stored.reboots),
    last: isSame(ours.last, before.last) ? stored.last : ours.last,
    offered: ours.offered === true || stored.offered === true,
  };
}

function mergedRecord<T>(before: Readonly<Record<string, T>>, ours: Readonly<Record<string, T>>, stored: Readonly<Record<string, T>>) {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(ours)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const own = entry(ours, name);
      const value = isSame(own, entry(before, name)) ? entry(stored, name) : own;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function mergedReboots(ours: ContextMemory['reboots'], stored: ContextMemory['reboots']): ContextMemory['reboots'] {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(ours)])];
  return Object.fromEntries(
    names.map((name) => {
      const all = [...(entry(stored, name) ?? []), ...(entry(ours, name) ?? [])];
      const byBoot = new Map<string, RebootMemory>(all.map((reboot) => [reboot.bootId, reboot]));
      return [name, [...byBoot.values()].sort((a, b) => a.bootedAt - b.bootedAt).slice(-rebootsKept)];
    }),
  );
}

function entry<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
