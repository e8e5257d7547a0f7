import { parseTime } from '../text/age.js';
import { clean } from '../text/clean.js';
import type { KubeClient } from './client.js';

/** One line of a container's log; `at` is when the container runtime took it down, ms since the epoch. */
export interface LogLine {
  readonly at: number | null;
  readonly text: string;
}

export interface PodLogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The log of the container's last run but this. */
  readonly previous?: boolean;
  /** Default 200. */
  readonly lines?: number;
  /** Read at most so many bytes. Default 64 KiB. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * The end of a container's log, oldest line first, cleaned. Rejects with KubeError: `forbidden` without the right to `get pods/log`, `server` (400) where the container has not run yet, `not-found`
 * where the pod is gone.
 */
export async function podLog(client: KubeClient, request: PodLogRequest): Promise<readonly LogLine[]> {
  const { lines = 200, bytes = 64 * 1024 } = request;
  const text = await tail(client, request, lines, bytes);
  // The kubelet cuts the end off, not the beginning: with long lines fewer must be asked for, or the newest would be missing.
  const whole = Buffer.byteLength(text) < bytes || lines <= 10 ? text : await tail(client, request, Math.max(10, Math.floor(lines / 8)), bytes);
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [logLine(line)]));
}

async function tail(client: KubeClient, { namespace, pod, container, previous, signal }: PodLogRequest, lines: number, bytes: number): Promise<string> {
  const { body } = await client.request(`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`, {
    // Only this is agreed to by every server: the log itself is plain text, and trouble comes as JSON.
    accept: '*/*',
    query: { container, tailLines: lines, limitBytes: bytes, timestamps: true, previous: previous === true ? true : undefined },
    ...(signal === undefined ? {} : { signal }),
  });
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** `2026-11-02T14:00:00.124050123Z text`. */
function logLine(raw: string): LogLine {
  const [, stamp, rest] = /^(\d{4}-\d{2}-\d{2}T[\d:.]{8,20}(?:Z|[+-]\d{2}:\d{2})) ?(.*)$/.exec(raw) ?? [];
  const at = stamp === undefined ? null : parseTime(stamp);
  return { at, text: clean(at === null || rest === undefined ? raw : rest, 16_384) };
}
