import type { Connection } from '../../src/state/connection.js';
import { usableGpus } from '../../src/state/gpus.js';
import { readiness } from '../../src/state/nodes.js';
import type { ClusterSnapshot } from '../../src/state/snapshot.js';
import { duration } from '../../src/text/age.js';
import { fitLine, type Line, line, lineWidth, type Tone } from '../../src/text/line.js';
import { clockTime } from '../../src/text/moment.js';
import { cut } from '../../src/text/width.js';
import { loadTones } from '../screens/latency/load-lines.js';

/** The first row: who we look at, the counts that matter, and how fresh they are. What does not fit is left out, least needed first. */
export function headerLine(snapshot: ClusterSnapshot, now: number, pausedAt: number | null, width: number): Line {
  const right = pausedAt === null ? freshness(snapshot.connection, now) : [line(['warn', `▸ paused ${clockTime(pausedAt)}`])];
  const clock = line(['strong', clockTime(now)]);
  const facts = counts(snapshot);
  for (const gap of [3, 2, 1]) {
    for (const state of right) {
      for (const identity of identities(snapshot.connection)) {
        const left = line(' ', identity);
        const middle = joined(facts, gap === 1 ? ' ' : '  ');
        const end = line(middle, ' '.repeat(gap), state, '  ', clock, ' ');
        const room = width - lineWidth(left) - lineWidth(end);
        if (room >= gap) return line(left, ' '.repeat(room), end);
      }
    }
  }
  return fitLine(line(' ', identities(snapshot.connection).at(-1) ?? [], '  ', joined(facts, ' '), ' ', right.at(-1) ?? []), width);
}

/** A server's address without what every one of them has. */
export function shortServer(server: string): string {
  return server.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** From the fullest to the shortest. */
function identities(connection: Connection): readonly Line[] {
  if (connection.status === 'unconfigured' || connection.status === 'unusable') return [line(['strong', 'gpuk8s-tui'], '  ', ['dim', 'no cluster'])];
  const context = cut(connection.context === '' ? 'gpuk8s-tui' : connection.context, 40);
  const server = cut(shortServer(connection.server), 50);
  const version = connection.status === 'connected' ? (connection.version ?? '') : '';
  const name = line(['title', context]);
  return [
    line(name, server === '' ? '' : `  ${server}`, version === '' ? '' : ['dim', `  ${version}`]),
    line(name, version === '' ? '' : ['dim', `  ${version}`]),
    line(name, version === '' ? '' : ['dim', ` ${version}`]),
    line(['title', cut(context, 20)]),
  ];
}

function counts({ nodes, gpus, targets, load }: ClusterSnapshot): readonly Line[] {
  const facts: Line[] = [];
  if (nodes.value !== null) {
    const ready = [...nodes.value.values()].filter((node) => readiness(node) === 'ready').length;
    facts.push(fraction(ready, nodes.value.size, 'ready', nodes.freshness.status === 'stale'));
  } else if (nodes.freshness.status === 'denied') {
    facts.push(line(['dim', 'nodes denied']));
  }
  if (gpus.value !== null) {
    const { usable, expected } = usableGpus(gpus.value, nodes.value);
    if (expected > 0) facts.push(fraction(usable, expected, 'GPUs', gpus.freshness.status === 'stale'));
  }
  if (targets.value !== null) {
    const up = targets.value.filter(({ health }) => health === 'up').length;
    facts.push(fraction(up, targets.value.length, 'targets', targets.freshness.status === 'stale'));
  }
  // Old or unknown is no load state.
  if (load.freshness.status === 'live' && load.value?.cluster != null) {
    const { level } = load.value.cluster;
    facts.push(line('load ', [loadTones[level], level]));
  }
  return facts;
}

function fraction(part: number, whole: number, noun: string, stale: boolean): Line {
  const tone: Tone = stale ? 'dim' : part >= whole ? 'good' : part === 0 ? 'bad' : 'warn';
  return line([tone, `${part}/${whole}`], stale ? ['dim', ` ${noun}`] : ` ${noun}`);
}

/** From the fullest to the shortest. */
function freshness(connection: Connection, now: number): readonly Line[] {
  switch (connection.status) {
    case 'connected':
      return [line(['good', '●'], ` live ${Math.round(connection.roundTripMs)} ms`), line(['good', '●'], ' live')];
    case 'connecting': {
      const waited = now - connection.since;
      return [line(['warn', '◌'], ` connecting${waited >= 1000 ? ` ${duration(waited)}` : ''}`)];
    }
    case 'lost': {
      const wait = Math.max(0, connection.nextTryAt - now);
      const kind = kinds[connection.kind];
      return [
        line(['bad', `✗ ${kind} ${duration(now - connection.since)}`], `, next try ${duration(wait)}`),
        line(['bad', `✗ ${kind} ${duration(now - connection.since)}`]),
        line(['bad', `✗ ${kind}`]),
      ];
    }
    case 'unconfigured':
    case 'unusable':
      return [line(['bad', '✗ not connected'])];
  }
}

const kinds = { unreachable: 'no answer', unauthorized: 'not let in', tls: 'TLS trouble', 'not-kubernetes': 'no Kubernetes' } as const;

function joined(parts: readonly Line[], gap: string): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : line(gap, part)));
}
