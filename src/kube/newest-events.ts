import type { ClusterEvent } from '../state/events.js';

const most = 5000;

/** Drops the oldest events of a collection that has grown beyond 5,000, with some room so that it need not be sorted for each one that comes. */
export function newestEvents(events: Map<string, ClusterEvent>): void {
  if (events.size <= most * 1.1) return;
  const oldestFirst = [...events].sort(([, a], [, b]) => (a.lastAt ?? 0) - (b.lastAt ?? 0));
  for (const [key] of oldestFirst.slice(0, events.size - most)) events.delete(key);
}
