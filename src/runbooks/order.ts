/** What has an id and others before it. */
interface Ordered {
  readonly id: string;
  readonly needs: readonly string[];
}

/** The steps in an order in which they can be done: each as early as it was given, but after those it needs. Steps in a circle come last, as they were given. */
export function inOrder<T extends Ordered>(steps: readonly T[]): readonly T[] {
  const left = new Map(steps.map((step) => [step.id, step]));
  const ordered: T[] = [];
  for (;;) {
    let next: T | undefined;
    for (const step of left.values()) {
      if (step.needs.some((need) => need !== step.id && left.has(need))) continue;
      next = step;
      break;
    }
    if (next === undefined) return [...ordered, ...left.values()];
    left.delete(next.id);
    ordered.push(next);
  }
}

/** Steps that need each other in a circle, from one round to itself: `a, b, a`. Empty where there is none. */
export function circle(steps: readonly Ordered[]): readonly string[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const settled = new Set<string>();
  const visit = (id: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(id)) return [...trail.slice(trail.indexOf(id)), id];
    if (settled.has(id)) return [];
    for (const need of byId.get(id)?.needs ?? []) {
      const found = visit(need, [...trail, id]);
      if (found.length > 0) return found;
    }
    settled.add(id);
    return [];
  };
  for (const { id } of steps) {
    const found = visit(id, []);
    if (found.length > 0) return found;
  }
  return [];
}
