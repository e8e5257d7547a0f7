/** What the program under test held at one moment. */
export interface Sample {
  readonly pid: number;
  /** Since its start. */
  readonly atMs: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  /** Active handles and requests by kind, as `process.getActiveResourcesInfo` names them. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** What grew over the second half of a program's life, by its trend. */
export interface Growth {
  readonly overMs: number;
  readonly heapBytes: number;
  readonly resources: number;
  readonly heapAtEnd: number;
  readonly resourcesAtEnd: number;
  /** The trend of each kind. */
  readonly kinds: ReadonlyMap<string, number>;
}

/**
 * What the heap (after garbage collection) and the active handles may grow by over the second half of a program's life: far less than the smallest leak that would matter
 * after an hour, and more than what comes and goes with what is looked at. In its first minutes a program still loads screens and fills its histories.
 */
export function mostGrowth(overMs: number): { readonly heapBytes: number; readonly resources: number } {
  return { heapBytes: (overMs < 150_000 ? 24 : 8) * 1024 * 1024, resources: 12 };
}

/** Null where there are too few samples to say. */
export function growthOf(samples: readonly Sample[]): Growth | null {
  const end = samples.at(-1)?.atMs ?? 0;
  const half = samples.filter(({ atMs }) => atMs >= end / 2);
  const [first] = half;
  if (first === undefined || half.length < 6) return null;
  const overMs = end - first.atMs;
  const total = ({ kinds }: Sample) => Object.values(kinds).reduce((sum, count) => sum + count, 0);
  return {
    overMs,
    heapBytes: slope(half.map((sample) => [sample.atMs, sample.heapUsed + sample.external])) * overMs,
    resources: slope(half.map((sample) => [sample.atMs, total(sample)])) * overMs,
    heapAtEnd: samples.at(-1)?.heapUsed ?? 0,
    resourcesAtEnd: samples.slice(-1).map(total)[0] ?? 0,
    kinds: new Map(
      [...new Set(half.flatMap(({ kinds }) => Object.keys(kinds)))].map((kind) => [
        kind,
        slope(half.map(({ atMs, kinds }) => [atMs, kinds[kind] ?? 0])) * overMs,
      ]),
    ),
  };
}

/** The median of the slopes between all pairs (Theil and Sen): a page that was opened once does not bend it. */
function slope(points: readonly (readonly [number, number])[]): number {
  const slopes = points.flatMap(([x, y], index) => points.slice(index + 1).flatMap(([otherX, otherY]) => (otherX > x ? [(otherY - y) / (otherX - x)] : [])));
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
