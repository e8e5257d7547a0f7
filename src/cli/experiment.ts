import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { isRunning } from '../journal/writing-process.js';
import { begun } from '../operations/experiment/begin.js';
import { startDetached } from '../operations/experiment/detach.js';
import { parseExperiment } from '../operations/experiment/experiment-file.js';
import { kubeBench } from '../operations/experiment/kube-bench.js';
import { prepareExperiment, resumedPlan } from '../operations/experiment/prepare.js';
import { resumption } from '../operations/experiment/resume.js';
import { roomFor } from '../operations/experiment/room.js';
import { type ExperimentFiles, experimentFiles } from '../operations/experiment/state-file.js';
import type { ExperimentPlan, ExperimentState } from '../state/experiments.js';
import type { ConnectionOptions, ExperimentRunOptions, ExperimentStatusOptions } from './actions.js';
import { carryOut } from './experiment-carry-out.js';
import { type ExperimentPlace, openExperimentPlace } from './experiment-open.js';
import { planText, statusLines } from './experiment-text.js';
import { type Output, terminalOutput } from './output.js';
import { paint } from './paint.js';

/** `experiment run FILE`. Resolves to 0 when it is done, 1 where it failed, was stopped or cannot begin, 3 where the replicas could not be put back. */
export async function runExperiment(file: string, options: ConnectionOptions & ExperimentRunOptions, out: Output = terminalOutput()): Promise<number> {
  const { yes = false, dryRun = false, detach = false, repeatPhase = false } = options;
  const spec = parseExperiment(file, readText(file));
  const files = ownFiles();
  const ending = new AbortController();
  const place = await openExperimentPlace(options, ending.signal);
  try {
    const left = await files.read(spec.name);
    const start = left?.status === 'running' ? await goingOn(left, place, files, repeatPhase) : await fromTheStart(resolve(file), spec, place, files);
    out.stdout(paint(planText(start.plan, Date.now()), out.isTty));
    if (left?.status === 'running' && JSON.stringify(left.spec) !== JSON.stringify(spec))
      out.stderr(`gpuk8s-tui: ${file} has changed since the experiment began: what broke off goes on as it began\n`);
    if (start.plan.blockers.length > 0) return 1;
    if (dryRun || !yes) {
      out.stderr(dryRun ? '' : 'nothing was changed: --yes runs it, --yes --detach runs it without this terminal\n');
      return 0;
    }
    if (detach) {
      const { how } = await startDetached(spec.name, againWithout(file, options), files);
      out.stdout(
        `runs as ${how}; gpuk8s-tui experiment status ${spec.name} shows where it stands, experiment stop ${spec.name} ends it\nlog: ${files.logFile(spec.name)}\n`,
      );
      return 0;
    }
    return await carryOut(start.state, place, files, ending, out);
  } finally {
    await place.close();
  }
}

/** `experiment status [FILE]`: of one, or of all that there were. Resolves to 0; 1 where the one asked for broke off or failed. */
export async function experimentStatus(named: string | undefined, { output }: ExperimentStatusOptions, out: Output = terminalOutput()): Promise<number> {
  const files = ownFiles();
  const wanted = named === undefined ? null : nameOf(named);
  const states = wanted === null ? await files.readAll() : [await files.read(wanted)].filter((state) => state !== null);
  if (wanted !== null && states.length === 0) throw new Error(`experiment ${wanted} has never been run from here`);
  const alive = (state: ExperimentState) => state.status === 'running' && isRunning(state.process) !== false;
  if (output === 'json') {
    out.stdout(`${JSON.stringify({ schemaVersion: 1, experiments: states.map((state) => ({ ...state, alive: alive(state) })) }, null, 2)}\n`);
  } else if (states.length === 0) out.stdout('no experiment has been run from here\n');
  else out.stdout(states.map((state) => paint(statusLines(state, alive(state), Date.now()), out.isTty)).join('\n'));
  return wanted !== null && states.some((state) => state.status === 'failed' || (state.status === 'running' && !alive(state))) ? 1 : 0;
}

/** `experiment stop FILE`: has whoever carries it out put the replicas back, and does it itself where nobody does. Resolves to 0 when they are back; 3 where they are not. */
export async function stopExperiment(named: string, options: ConnectionOptions, out: Output = terminalOutput()): Promise<number> {
  const files = ownFiles();
  const name = nameOf(named);
  const state = await files.read(name);
  if (state === null) throw new Error(`experiment ${name} has never been run from here`);
  if (state.status !== 'running') {
    out.stdout(`experiment ${name} is ${state.status} already\n`);
    return state.scaledBack ? 0 : 3;
  }
  if (isRunning(state.process) === false) return stopHere(state, options, files, out);
  await files.askToStop(name);
  out.stdout(`asked process ${state.process.pid} to put the replicas back\n`);
  for (;;) {
    const now = await files.read(name);
    if (now === null || now.status !== 'running') {
      out.stdout(`experiment ${name}: ${now?.status ?? 'gone'}${now?.why == null ? '' : `, ${now.why}`}\n`);
      return now?.scaledBack === true ? 0 : 3;
    }
    if (isRunning(now.process) === false) return stopHere(now, options, files, out);
    await new Promise((done) => setTimeout(done, 300));
  }
}

async function stopHere(state: ExperimentState, options: ConnectionOptions, files: ExperimentFiles, out: Output): Promise<number> {
  const ending = new AbortController();
  const place = await openExperimentPlace({ context: state.context, ...options }, ending.signal);
  try {
    if (place.readOnly) throw new Error('this session is read-only: nothing is changed from here');
    const early = state.stage === 'scaling-back' || state.stage === 'exporting';
    const to = state.phases[state.phase];
    // What was measured until it broke off is worth keeping.
    const phases = state.phases.map((each, index) => (index === state.phase && each.from !== null && each.to === null ? { ...each, to: state.seenAt } : each));
    const stopped: ExperimentState = early
      ? state
      : { ...state, phases: to === undefined ? state.phases : phases, outcome: 'stopped', stage: 'scaling-back', stageAt: state.seenAt };
    const code = await carryOut(stopped, place, files, ending, out);
    return code === 3 ? 3 : 0;
  } finally {
    await place.close();
  }
}

interface Start {
  readonly plan: ExperimentPlan;
  readonly state: ExperimentState;
}

async function fromTheStart(
  file: string,
  spec: ExperimentState['spec'],
  { world, prometheus, readOnly }: ExperimentPlace,
  files: ExperimentFiles,
): Promise<Start> {
  const { plan, workloads } = await prepareExperiment(spec, { world, prometheus, files, readOnly, roomFor, file });
  return { plan, state: begun(plan, workloads, Date.now()) };
}

async function goingOn(left: ExperimentState, { world, prometheus, readOnly }: ExperimentPlace, files: ExperimentFiles, repeatPhase: boolean): Promise<Start> {
  const running = isRunning(left.process);
  if (running !== false)
    throw new Error(
      `experiment ${left.spec.name} runs already (process ${left.process.pid} on ${left.process.host}): gpuk8s-tui experiment status ${left.spec.name} shows where it stands`,
    );
  if (left.context !== world.context)
    throw new Error(`experiment ${left.spec.name} broke off on context ${left.context}: run it there again, or stop it there first`);
  if (typeof prometheus === 'string') throw new Error(`experiment ${left.spec.name} cannot go on, nothing would measure it: ${prometheus}`);
  await files.forgetStop(left.spec.name);
  const bench = kubeBench(world, prometheus, async () => []);
  const [now, workloads] = await Promise.all([bench.prometheusNow(), Promise.all(left.workloads.map((workload) => bench.look(workload)))]);
  const plan = resumedPlan(left, world.context);
  const resumed = resumption(left, workloads, now, { repeatPhase });
  if (!resumed.can) return { plan: { ...plan, blockers: [resumed.why] }, state: left };
  return { plan: { ...plan, blockers: readOnly ? ['this session is read-only: nothing is changed from here'] : [] }, state: resumed.state };
}

/** The same command for a process of its own. */
function againWithout(file: string, options: ConnectionOptions & ExperimentRunOptions): readonly string[] {
  const flags: readonly (readonly [string, string | boolean | number | undefined])[] = [
    ['--context', options.context],
    ['--kubeconfig', options.kubeconfig === undefined ? undefined : resolve(options.kubeconfig)],
    ['--prometheus', options.prometheus],
    ['--repeat-phase', options.repeatPhase],
  ];
  const given = flags.flatMap(([flag, value]) => (value === undefined || value === false ? [] : value === true ? [flag] : [flag, String(value)]));
  return ['experiment', 'run', resolve(file), '--yes', ...given];
}

function ownFiles(): ExperimentFiles {
  return experimentFiles(process.env, homedir());
}

/** An experiment by its name, or by its file. */
function nameOf(named: string): string {
  return existsSync(named) ? parseExperiment(named, readText(named)).name : named.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new Error(code === 'ENOENT' ? `there is no file ${file}: assets/experiments/replicas.yaml is an example` : `cannot read ${file}: ${String(code)}`);
  }
}
