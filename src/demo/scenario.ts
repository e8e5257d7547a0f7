import { readdirSync, readFileSync } from 'node:fs';
import { assetsPath } from '../assets-path.js';
import { isFields, textAt } from './fields.js';
import { parseMachines } from './scenario-machines.js';
import { parseStep, type Step } from './scenario-steps.js';
import type { MachineSetup } from './seed/hardware.js';

/** What differs from the healthy cluster, and when: one file of assets/demo. */
export interface Scenario {
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Nodes in all, the control plane included. */
  readonly nodes: number;
  /** Name of the only node where there is one: a control plane without its taint, which does the work too. */
  readonly single: string | null;
  /** Machines that are not as usual, by node. */
  readonly machines: Readonly<Record<string, MachineSetup>>;
  /** Seconds that programs take to start, by the name of the app, where it is not the usual two. */
  readonly startSeconds: Readonly<Record<string, number>>;
  /** In the order of their times; those before 0 have happened when the demo starts. */
  readonly steps: readonly Step[];
}

/** Reads a scenario of assets/demo. Throws an Error that says in one sentence what is wrong: no such scenario, or where its file breaks the rules. */
export function loadScenario(name: string): Scenario {
  const names = scenarioNames();
  if (!names.includes(name)) throw new Error(`There is no demo scenario "${name}". There are: ${names.join(', ')}.`);
  const file = assetsPath('demo', `${name}.json`);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`The demo scenario ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseScenario(name, document);
}

/** All scenarios with their summaries, `healthy` first. */
export function demoScenarios(): readonly { readonly name: string; readonly summary: string }[] {
  return scenarioNames().map((name) => ({ name, summary: loadScenario(name).summary }));
}

/** Checks a scenario's document. Throws an Error with one sentence on the first thing that is wrong. */
export function parseScenario(name: string, document: unknown): Scenario {
  const fail = (where: string, what: string): never => {
    throw new Error(`The demo scenario "${name}" is wrong: ${where} ${what}.`);
  };
  if (!isFields(document)) return fail('the file', 'must hold an object');
  const known = ['summary', 'nodes', 'single', 'machines', 'startSeconds', 'steps'];
  for (const field of Object.keys(document)) if (!known.includes(field)) fail(`"${field}"`, `is not a field; the fields are ${known.join(', ')}`);
  const summary = textAt(document, 'summary') ?? fail('"summary"', 'must be a text');
  const { single = null } = document;
  if (single !== null && (typeof single !== 'string' || !nodeName.test(single))) return fail('"single"', 'must be the name of the only node');
  if (single !== null && document['nodes'] !== undefined) fail('"nodes"', 'does not go with "single"');
  const nodes = document['nodes'] ?? (single === null ? 3 : 1);
  if (typeof nodes !== 'number' || !Number.isInteger(nodes) || (single === null && nodes < 3) || nodes > 5000)
    return fail('"nodes"', 'must be a whole number from 3 to 5000');
  const startSeconds: Record<string, number> = {};
  const given = document['startSeconds'] ?? {};
  if (!isFields(given)) return fail('"startSeconds"', 'must be an object of seconds by app');
  for (const [app, seconds] of Object.entries(given)) {
    startSeconds[app] = typeof seconds === 'number' && seconds >= 0 ? seconds : fail(`"startSeconds.${app}"`, 'must be a number of seconds');
  }
  const machines = parseMachines(document['machines'] ?? {}, fail);
  const listed = document['steps'] ?? [];
  if (!Array.isArray(listed)) return fail('"steps"', 'must be a list');
  const steps = listed.map((step: unknown, place) => parseStep(step, (what) => fail(`step ${place + 1}`, what)));
  return { name, summary, nodes, single, machines, startSeconds, steps: steps.sort((a, b) => a.at - b.at) };
}

/** A DNS label, so that it is a host name too. */
const nodeName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

function scenarioNames(): string[] {
  const names = readdirSync(assetsPath('demo'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
  return names.sort((a, b) => Number(b === 'healthy') - Number(a === 'healthy') || a.localeCompare(b));
}
