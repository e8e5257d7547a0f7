import type { PodRecord } from '../model/pod-record.js';
import { queueAt, requestStreams, type Service } from '../model/service-model.js';
import { within } from '../model/steps.js';
import { counter, type Family, gauge, type Series, series } from './family.js';

// prometheus_client's default buckets, and four more for what transcribes minutes of speech.
const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 120];

/** What an inference server in Python with prometheus_client tells: latency, requests, queue. */
export function inferenceFamilies(service: Service, pod: PodRecord): Family[] {
  const from = pod.ready[0]?.from ?? Number.POSITIVE_INFINITY;
  const streams = requestStreams(service, pod);
  const counted = sumOf(streams.map(({ count }) => count));
  const buckets = (): Series[] => [
    ...bounds.map((bound) => bucket(String(bound), sumOf(streams.map((stream) => stream.within(bound))))),
    bucket('+Inf', counted),
  ];
  return [
    {
      name: 'inference_latency_seconds',
      help: 'Time to answer a request',
      type: 'histogram',
      series: () => [
        ...buckets(),
        { suffix: '_sum', labels: [], value: sumOf(streams.map(({ sum }) => sum)) },
        { suffix: '_count', labels: [], value: (time) => Math.floor(counted(time)) },
      ],
    },
    counter('inference_requests_total', 'Requests answered', () => [series({}, (time) => Math.floor(counted(time)))]),
    gauge('inference_queue_depth', 'Requests waiting', () => [series({}, (time) => (within(pod.ready, time) ? queueAt(service, pod, time) : 0))]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => [series({}, from)]),
  ];
}

function bucket(le: string, value: (time: number) => number): Series {
  // A float bound as Python writes it: 1.0, not 1.
  const text = /^\d+$/.test(le) ? `${le}.0` : le;
  return { suffix: '_bucket', labels: [['le', text]], value: (time) => Math.floor(value(time)) };
}

function sumOf(parts: readonly ((time: number) => number)[]): (time: number) => number {
  return (time) => {
    let total = 0;
    for (const part of parts) total += part(time);
    return total;
  };
}
