import { createBackoff } from '../kube/backoff.js';
import type { HostContact, HostFacts, HostState, XidEvent } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import type { Asker } from './asker.js';
import type { FoundHost } from './discover.js';
import { bootedSince, hostFacts, withEarlierRootFacts } from './facts.js';
import type { Gate } from './gate.js';
import type { Host } from './host.js';
import { HostError } from './host-error.js';
import { type ProbeRun, runProbe } from './probe-script.js';

export interface HostWatchOptions {
  readonly found: FoundHost;
  readonly open: (asker: Asker) => Promise<Host>;
  readonly asker: Asker;
  readonly script: string;
  readonly everyMs: () => number;
  readonly gate: Gate;
  readonly readXids: (lines: readonly string[]) => readonly XidEvent[];
  readonly onState: (state: HostState) => void;
  readonly onProbe: (probe: ProbeRun) => void;
}

export interface HostWatch {
  readonly found: FoundHost;
  state(): HostState;
  /** The machine itself, to run commands on; stays the watch's own to close. Rejects with HostError where nobody can log in. */
  host(): Promise<Host>;
  /** Asks again soon; one that was refused stays refused. */
  poke(): void;
  /** Asks again at once, whatever was said before. */
  refresh(): void;
  close(): void;
}

/** Probes one machine again and again. Its trouble is its own: it never throws and never holds up another. */
export function watchHost(options: HostWatchOptions): HostWatch {
  const { found, everyMs, gate } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const backoff = createBackoff(Math.min(5_000, everyMs()), Math.max(60_000, everyMs()));
  let state: HostState = {
    name: found.name,
    node: found.node,
    road: found.local ? 'this machine' : `ssh ${found.address}`,
    contact: { status: 'connecting', since: Date.now() },
    facts: null,
  };
  let host: Host | null = null;
  let rootAsk: RootAsk = { inProbes: 0, refused: false };
  let timer: NodeJS.Timeout | null = null;
  let running = false;
  let again = false;

  const show = (contact: HostContact, facts: HostFacts | null = state.facts) => {
    state = { ...state, road: host?.road ?? state.road, contact, facts };
    if (!signal.aborted) options.onState(state);
  };

  /** The person's time does not count as the machine's. */
  const asker: Asker = {
    async ask(question) {
      const before = state.contact;
      show({ status: 'asking', question: question.text });
      const answer = await options.asker.ask(question);
      if (state.contact.status === 'asking') show(before.status === 'asking' ? { status: 'connecting', since: Date.now() } : before);
      return answer;
    },
  };

  let opening: Promise<Host> | null = null;
  function connected(): Promise<Host> {
    if (host !== null) return Promise.resolve(host);
    opening ??= options
      .open(asker)
      .then((opened) => {
        host = opened;
        return opened;
      })
      .finally(() => {
        opening = null;
      });
    return opening;
  }

  /** One look; resolves to the ms until the next, null for none. */
  async function look(): Promise<number | null> {
    const leave = await gate.enter(signal);
    try {
      if (signal.aborted) return null;
      const machine = await connected();
      const sudo = found.sudo && !rootAsk.refused && rootAsk.inProbes === 0;
      const earlier = state.facts;
      const take = (run: ProbeRun) => {
        const fresh = hostFacts(run.answer, run.times, options.readXids);
        if (run.broken !== null) return fresh;
        const since = state.contact.status === 'connected' ? state.contact.since : Date.now();
        show({ status: 'connected', since, roundTripMs: run.roundTripMs }, sudo ? fresh : withEarlierRootFacts(fresh, state.facts));
        return fresh;
      };
      const probe = await runProbe(machine, { script: options.script, sudo, signal, onEarly: take });
      rootAsk = { refused: rootAsk.refused || (sudo && sudoRefused(probe)), inProbes: rootAsk.inProbes === 0 ? rootEvery - 1 : rootAsk.inProbes - 1 };
      options.onProbe(probe);
      const fresh = take(probe);
      if (probe.broken !== null) {
        // Perhaps it broke before root was asked.
        if (sudo) rootAsk = { ...rootAsk, inProbes: 0 };
        return lose(probe.broken, state.facts ?? fresh);
      }
      backoff.reset();
      if (!sudo && found.sudo && !rootAsk.refused && bootedSince(fresh, earlier)) {
        rootAsk = { ...rootAsk, inProbes: 0 };
        return 0;
      }
      return everyMs() * (0.95 + 0.1 * Math.random());
    } catch (error) {
      if (signal.aborted) return null;
      return lose(error instanceof HostError ? error : strange(error), state.facts);
    } finally {
      leave();
    }
  }

  function lose(error: HostError, facts: HostFacts | null): number | null {
    const { message: why, fix } = error;
    if (final.has(error.kind)) {
      show({ status: 'refused', why, fix }, facts);
      return null;
    }
    const wait = backoff.next();
    const since = state.contact.status === 'lost' ? state.contact.since : Date.now();
    show({ status: 'lost', since, why, fix, nextTryAt: Date.now() + wait }, facts);
    return wait;
  }

  async function round(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    again = running;
    if (running || signal.aborted) return;
    running = true;
    const wait = await look();
    running = false;
    if (signal.aborted || (wait === null && !again)) return;
    timer = setTimeout(() => void round(), again ? 0 : (wait ?? 0));
  }

  options.onState(state);
  void round();
  return {
    found,
    state: () => state,
    host: connected,
    poke() {
      if (state.contact.status !== 'refused') void round();
    },
    refresh() {
      rootAsk = { inProbes: 0, refused: false };
      backoff.reset();
      if (state.contact.status === 'refused') show({ status: 'connecting', since: Date.now() });
      void round();
    },
    close() {
      ending.abort();
      if (timer !== null) clearTimeout(timer);
      host?.close();
    },
  };
}

interface RootAsk {
  /** Probes until sudo is used again. */
  readonly inProbes: number;
  /** It said no; a refused call is reported to the administrator of the machine, so it is not repeated. */
  readonly refused: boolean;
}

/** Each call of sudo leaves lines in the machine's log, and what needs root changes slowly. */
const rootEvery = 10;

/** Trouble that waits for a person. */
const final: ReadonlySet<string> = new Set(['host-key-unknown', 'host-key-changed', 'auth']);

function sudoRefused({ answer }: ProbeRun): boolean {
  return answer.sections.has('sudo-refused') || answer.sections.get('sudo')?.status.kind === 'missing';
}

function strange(error: unknown): HostError {
  return new HostError('unreachable', clean(error instanceof Error ? error.message : String(error), 300), { cause: error });
}
