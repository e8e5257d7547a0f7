import type { HostResult } from '../../hosts/host.js';
import { HostError } from '../../hosts/host-error.js';
import { lastLogged } from '../../hosts/unit-logs.js';
import { at, list, text } from '../../kube/json.js';
import type { StepSpec } from '../../runbooks/playbook.js';
import { duration } from '../../text/age.js';
import { clean } from '../../text/clean.js';
import { masked } from '../../text/masked.js';
import { clockTime } from '../../text/moment.js';
import { type PhaseEnd, reasonOf } from './cell-state.js';
import { hostWords, mayPass } from './host-words.js';
import type { Reboots } from './step-life.js';
import type { Seat } from './work.js';

export interface RebootOptions {
  readonly step: StepSpec;
  /** The host's name, in the inventory and in the cluster. */
  readonly name: string;
  readonly seat: Seat;
  /** Where kubectl runs; null where there is no such place. */
  readonly cluster: Seat | null;
  /** Runs a script of ours on the host, alone, as if it were a check of the step. Rejects with HostError. */
  readonly script: (body: string) => Promise<PhaseEnd>;
  readonly pause: (ms: number) => Promise<void>;
  readonly leaving: AbortSignal;
  readonly now: () => number;
}

/** Boots a host in good order: the node is emptied first where others can take its pods, and takes pods again when it is back. A host that has booted since the step was applied is not booted again. */
export function hostReboots(options: RebootOptions): Reboots {
  const { name, seat, cluster, script, pause, leaving, now } = options;

  const after: Reboots['after'] = async (drained, show) => {
    show('it has booted; waiting until its services have settled');
    // degraded is an answer too: what is amiss the checks will tell.
    await ask(seat, ['systemctl', 'is-system-running', '--wait'], settleMs).catch(() => null);
    if (!drained || cluster === null) return null;
    show('letting it take pods again');
    return uncordoned(cluster);
  };

  const uncordoned = async (where: Seat): Promise<string | null> => {
    const giveUpAt = now() + uncordonMs;
    for (;;) {
      const said = await kubectl(where, ['uncordon', name], 30_000).then(trouble, hostWords);
      if (said === null) return null;
      if (now() + pollMs > giveUpAt || leaving.aborted) return `${name} is back, and takes no pods yet: kubectl uncordon ${name} says: ${said}`;
      await pause(pollMs);
    }
  };

  return {
    after,
    async reboot(drainedBefore, show) {
      if (seat.isLocal) return `this program runs on ${name} and would end with it: reboot it by hand (systemctl reboot), then run this again`;
      const before = trimmed(await ask(seat, ['cat', seat.script.bootId], 30_000));
      const emptied = await drain(options, drainedBefore, show);
      if (typeof emptied === 'string') return emptied;
      show('rebooting');
      const went = await script(rebootBody).catch((error: unknown) => {
        if (mayPass(error)) return null;
        throw error;
      });
      if (went?.heldBy != null) return `not rebooted, since somebody is at work there: ${went.heldBy}`;
      if (went !== null && went.exit !== 0 && went.exit !== bootedAlready)
        return `it does not reboot: ${reasonOf(went.lines) ?? `systemctl ended with ${went.exit}`}`;
      const why = went?.exit === bootedAlready ? null : await returned(options, before, show);
      return why ?? after(emptied.drained, show);
    },
  };
}

/** Resolves to a sentence where the node cannot be emptied, and then takes pods as before. */
async function drain(
  { name, cluster, script }: RebootOptions,
  drainedBefore: boolean,
  show: (seen: string) => void,
): Promise<{ readonly drained: boolean } | string> {
  if (cluster === null) return { drained: drainedBefore };
  const nodes = await kubectl(cluster, ['get', 'nodes', '-o', 'json'], 30_000).then(parsedNodes, () => []);
  const own = nodes.find((node) => node.name === name);
  if (own === undefined) return { drained: drainedBefore };
  // Alone it would only make its pods wait: they stop with it and start again with it.
  if (!nodes.some((node) => node.name !== name && node.takesPods)) return { drained: drainedBefore };
  const ours = drainedBefore || !own.cordoned;
  if (ours && !drainedBefore) {
    const noted = await script('mkdir -p "$STATE/reboot" && : >"$STATE/reboot/$STEP.drained"');
    if (noted.exit !== 0)
      return `not rebooted: that ${name} is emptied could not be noted there: ${noted.heldBy ?? reasonOf(noted.lines) ?? 'without a reason'}`;
  }
  show('moving its pods elsewhere (kubectl drain)');
  const said = await kubectl(cluster, ['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s'], 330_000).then(trouble, hostWords);
  if (said === null) return { drained: ours };
  if (ours) {
    await kubectl(cluster, ['uncordon', name], 30_000).catch(() => null);
    await script('rm -f "$STATE/reboot/$STEP.drained"').catch(() => null);
  }
  return `not rebooted, since its pods cannot be moved elsewhere: ${said}`;
}

/** Waits until the host runs with another boot id. */
async function returned({ name, seat, pause, leaving, now }: RebootOptions, before: string, show: (seen: string) => void): Promise<string | null> {
  const since = now();
  let seen = 'nothing was seen of it';
  let seenSince = since;
  const see = (what: string) => {
    if (what !== seen) seenSince = now();
    seen = what;
  };
  let logged = await lastWords(seat);
  for (;;) {
    await pause(pollMs);
    if (leaving.aborted) return 'this program was ended meanwhile; the host goes on booting';
    try {
      const id = trimmed(await ask(seat, ['cat', seat.script.bootId], 10_000));
      if (id !== '' && id !== before) return null;
      see('it still runs, and has not gone down yet');
      logged = (await lastWords(seat)) ?? logged;
    } catch (error) {
      // While it starts it refuses people as well as connections, so that everything is worth another try. What could be done about that is no advice while it boots.
      see(error instanceof HostError ? clean(error.message, 500) : hostWords(error));
    }
    const waited = now() - since;
    if (waited > returnMs) {
      const ended = logged === null ? '' : `. Its journal said last: ${logged}`;
      return `${name} did not come back within ${duration(returnMs)} of its reboot. Seen last, for ${duration(now() - seenSince)}: ${seen}${ended}`;
    }
    show(`${duration(waited)}: ${seen}`);
  }
}

/** The last line of its journal, with its time there; null where it does not tell. */
async function lastWords(seat: Seat): Promise<string | null> {
  const line = await seat
    .host()
    .then(lastLogged)
    .catch(() => null);
  if (line === null) return null;
  return `${line.at === null ? '' : `${clockTime(line.at)} `}${masked(clean(line.text, 300))}`;
}

/** Never boots twice for one apply: what it noted is the boot id of then. */
const rebootBody = `[ "$(cat "$STATE/reboot/$STEP" 2>/dev/null)" = "$(cat "$FRAME_BOOT_ID")" ] || exit 90
systemctl reboot`;
const bootedAlready = 90;

async function ask(seat: Seat, argv: readonly string[], timeoutMs: number): Promise<HostResult> {
  const host = await seat.host();
  return host.run({ argv, timeoutMs });
}

async function kubectl({ host, sudo, script }: Seat, argv: readonly string[], timeoutMs: number): Promise<HostResult> {
  const place = await host();
  const context = script.kubeContext === '' ? [] : ['--context', script.kubeContext];
  return place.run({
    argv: ['kubectl', ...context, ...argv],
    sudo,
    timeoutMs,
    ...(script.kubeconfig === null ? {} : { env: { KUBECONFIG: script.kubeconfig } }),
  });
}

/** Null where it went well. */
function trouble({ exitCode, stdout, stderr }: HostResult): string | null {
  if (exitCode === 0) return null;
  const last = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
  return last === '' ? `it ended with ${exitCode ?? 'a signal'}` : clean(last, 300);
}

function trimmed({ stdout }: HostResult): string {
  return clean(stdout.trim(), 100);
}

interface NodeSeen {
  readonly name: string;
  readonly cordoned: boolean;
  readonly takesPods: boolean;
}

function parsedNodes({ exitCode, stdout }: HostResult): readonly NodeSeen[] {
  if (exitCode !== 0) return [];
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    return [];
  }
  return list(at(json, 'items')).flatMap((item) => {
    const name = text(at(item, 'metadata', 'name'));
    if (name === null) return [];
    const cordoned = at(item, 'spec', 'unschedulable') === true;
    const isReady = list(at(item, 'status', 'conditions')).some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True');
    const repels = list(at(item, 'spec', 'taints')).some(
      (taint) => at(taint, 'key') === 'node-role.kubernetes.io/control-plane' && at(taint, 'effect') === 'NoSchedule',
    );
    return [{ name, cordoned, takesPods: isReady && !cordoned && !repels }];
  });
}

const pollMs = 5_000;
const settleMs = 120_000;
const uncordonMs = 5 * 60_000;
const returnMs = 15 * 60_000;
