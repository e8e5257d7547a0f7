import { describe, expect, it } from 'vitest';
import { until } from '../kube/until.js';
import { type DemoVisit, demoVisit } from './demo-visit.js';

/** What was to be seen at one moment. */
interface Frame {
  /** Of the first cause; the verdict where there is none. */
  readonly headline: string;
  /** `gpu-2 kubelet`. */
  readonly done: readonly string[];
  readonly causes: readonly string[];
}

describe('a control plane and a node that were just rebooted', { timeout: 3 * 60_000 }, () => {
  it('come back step by step, from what SSH alone tells to good', async () => {
    await using visit = demoVisit('rebooting');
    const frames = recorded(visit);
    await until(() => visit.report()?.verdict === 'good' && nodesOf(visit).every(({ completeAt }) => completeAt !== null), 120_000);

    // The story, each sentence after the one before.
    expectInOrder(
      frames().map(({ headline }) => headline),
      [
        /^The API server \S+ does not answer: \S+ refuses connections/,
        /^API server refused, seen over SSH: kubelet active, containerd active; controlplane was rebooted \d+s ago/,
        /^(?:gpu-2|controlplane) is coming back: rebooted \d+s ago, waits for/,
        /^gpu-2 is coming back: rebooted \d+s ago, waits for pod network \(calico\) \(usually \+1:\d\d\)/,
        /^gpu-2 is coming back: rebooted \d+s ago, waits for device plugin/,
        /^gpu-2 is coming back: rebooted \d+s ago, waits for (?:exporters|targets|workloads)/,
        /^good$/,
      ],
    );

    // One cause for each node on its way, and no other: what follows from its being on its way belongs under it.
    const others = frames().flatMap(({ causes }) =>
      causes.filter((cause) => !/^(?:coming-back node\/(?:gpu-2|controlplane)|apiserver-ready cluster)$/.test(cause)),
    );
    expect(others).toEqual([]);

    // Steps get done in the order of the road, each with its time.
    const stepsOfGpu2 = ['ssh', 'driver', 'runtime', 'kubelet', 'node-ready', 'pod-network', 'device-plugin', 'gpus', 'exporters', 'workloads'];
    expectInOrder(
      frames().flatMap(({ done }) => done),
      stepsOfGpu2.map((id) => new RegExp(`^gpu-2 ${id}$`)),
    );
    const gpu2 = nodesOf(visit).find(({ node }) => node === 'gpu-2');
    const times = stepsOfGpu2.map((id) => gpu2?.steps.find((step) => step.id === id)?.sinceBootMs ?? Number.NaN);
    expect(times.every((ms) => ms > 0)).toBe(true);
    // Some are told by their source to the millisecond, others by the look that saw them first.
    expect(times.filter((ms, index) => ms < (times[index - 1] ?? 0) - 1_500)).toEqual([]);
  });
});

/** Records what is seen until it is good, one frame for each change. */
function recorded(visit: DemoVisit): () => readonly Frame[] {
  const frames: Frame[] = [];
  const look = () => {
    const report = visit.report();
    if (report === null) return;
    const headline = report.causes[0]?.finding.message ?? report.verdict;
    const done = nodesOf(visit).flatMap(({ node, steps }) => steps.filter(({ status }) => status === 'done').map(({ id }) => `${node} ${id}`));
    const causes = report.causes.map(({ finding }) => `${finding.id} ${finding.object}`);
    const last = frames.at(-1);
    if (last?.headline !== headline || last.done.join() !== done.join() || last.causes.join() !== causes.join()) frames.push({ headline, done, causes });
  };
  visit.session.subscribe(look);
  return () => frames;
}

function nodesOf({ session }: DemoVisit) {
  return session.snapshot().recovery.value?.nodes ?? [];
}

/** Each pattern is met, and first met no earlier than the one before. */
function expectInOrder(texts: readonly string[], patterns: readonly RegExp[]): void {
  let place = 0;
  for (const pattern of patterns) {
    const found = texts.findIndex((text, index) => index >= place && pattern.test(text));
    expect({ pattern: String(pattern), found: found >= 0, after: texts.slice(place, place + 8) }).toMatchObject({ found: true });
    place = found;
  }
}
