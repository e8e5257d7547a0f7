import type { Soaked } from './soaked.js';
import type { Truth } from './truth.js';

/** Wide and high enough for every row and column that is compared. */
const size = { columns: 220, rows: 130 } as const;

/** Brings the program back to its first screen in the lab's cluster, whatever was pressed before. False where it does not get there. */
export async function bringHome(soaked: Soaked, server: string): Promise<boolean> {
  soaked.resize(size.columns, size.rows);
  for (let tries = 0; tries < 12; tries += 1) {
    for (let backs = 0; backs < 8; backs += 1) await back(soaked);
    const [header = ''] = await shown(soaked, (rows) => rows.length === size.rows && /\d\d:\d\d:\d\d/.test(rows[0] ?? ''));
    if (header.includes('paused')) soaked.type('p');
    else if (header.startsWith(' demo ') && header.includes(server)) {
      soaked.type('1');
      const rows = await shown(soaked, (seen) => isOn(seen, '1'));
      if (isOn(rows, '1')) return true;
    } else soaked.type(':ctx demo\r');
    await pause(500);
  }
  return false;
}

/** What a screen says that is not so, and the picture of it. */
export interface Difference {
  readonly what: string;
  readonly picture: string;
}

/** Walks through the screens and tells what they say that is not so; nothing where all is as it is. */
export async function differences(soaked: Soaked, truth: Truth): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const wrong = (what: string) => found.push({ what, picture: pictureOf(soaked) });
  const expect = (what: string, seen: string, wanted: string) => {
    if (seen !== wanted) wrong(`${what}: the screen says ${seen === '' ? 'nothing' : seen}, but it is ${wanted === '' ? 'nothing' : wanted}`);
  };
  const go = async (key: string): Promise<readonly string[]> => {
    soaked.type(key);
    await shown(soaked, (rows) => isOn(rows, key));
    // A filter or a page that was left open.
    for (let backs = 0; backs < 3; backs += 1) await back(soaked);
    soaked.type('g');
    await pause(250);
    return soaked.screen();
  };

  const ready = truth.nodes.filter((node) => node.ready);
  const usable = ready.reduce((sum, { allocatable }) => sum + allocatable, 0);
  const [header = ''] = await go('1');
  expect('nodes that are ready', matched(header, /(\d+\/\d+) ready/), `${ready.length}/${truth.nodes.length}`);
  expect('usable GPUs', matched(header, /(\d+)\/\d+ GPUs/), String(usable));
  expect('targets that are up', matched(header, /(\d+\/\d+) targets/), truth.targets.all === 0 ? '' : `${truth.targets.up}/${truth.targets.all}`);
  expect('connection', matched(header, /(● live)/), '● live');
  expect('nodes that the API server calls ready', String(truth.readyNodes.length), String(ready.length));

  soaked.type('\r');
  await shown(soaked, (rows) => rows.some((row) => /CHECK +OBJECT/.test(row)));
  await pause(250);
  const shownChecks = checksOn(soaked.screen(), truth);
  const told = truth.checks.filter(({ id }) => !ofEarlierVisit.has(id)).map(({ id, name, status }) => `${signs[status]} ${id} ${name}`.trimEnd());
  for (const line of without(shownChecks, told)) wrong(`the screen says of the checks "${line}", a fresh process does not`);
  for (const line of without(told, shownChecks)) wrong(`a fresh process says of the checks "${line}", the screen does not`);
  await back(soaked);

  const nodes = await go('2');
  for (const { name, ready: isReady, allocatable, capacity, requested, free } of truth.nodes) {
    const row = nodes.find((each) => each.startsWith('│') && each.split(/\s+/).includes(name)) ?? '';
    expect(`${name} ready`, String(/ Ready\b/.test(row)), String(isReady));
    if (capacity > 0)
      expect(`GPUs of ${name}`, matched(row, /(\d+ of \d+ +-?\d+ +-?\d+)/).replace(/ +/g, ' '), `${allocatable} of ${capacity} ${requested} ${free}`);
  }
  const gpus = await go('3');
  expect('GPUs', matched(gpus.join('\n'), /╭[─▸ ]+GPUs (?:\d+ of )?(\d+)/), String([...truth.gpus.values()].reduce((sum, count) => sum + count, 0)));
  const monitoring = await go('4');
  expect('targets listed', matched(monitoring.join('\n'), /Targets (?:\d+ of )?(\d+)/), truth.targets.all === 0 ? '' : String(truth.targets.all));
  const workloads = await go('6');
  for (const [key, wanted] of truth.workloads) {
    const [namespace = '', name = ''] = key.split('/');
    const row = workloads.find((each) => each.split(/\s+/).includes(name) && each.split(/\s+/).includes(namespace)) ?? '';
    expect(`replicas of ${key}`, matched(row, / (\d+\/\d+) /), wanted);
  }
  const cleanup = await go('7');
  expect('ended pods', matched(cleanup.join('\n'), /([\d,]+) ended pods?/).replaceAll(',', ''), String(truth.endedPods));
  const journal = await go('9');
  expect('journal', matched(journal.join('\n'), /─ Journal (?:\d+ of )?(\d+)/), String(truth.journalled));
  soaked.type('1');
  return found;
}

/** These compare with the visit before, which for a fresh process is another one. */
const ofEarlierVisit = new Set(['boot-id', 'kernel-changed']);

const signs: Readonly<Record<string, string>> = { pass: '✓', warn: '!', fail: '✗', unknown: '?', skipped: '·' };

/** The rows of the checklist; the one under the cursor has lost its sign. */
function checksOn(rows: readonly string[], truth: Truth): readonly string[] {
  const head = rows.findIndex((row) => /CHECK +OBJECT/.test(row));
  const objectAt = rows[head]?.indexOf('OBJECT') ?? 0;
  const whatAt = rows[head]?.indexOf('WHAT') ?? 0;
  const end = rows.findIndex((row, index) => index > head && /^│ ─/.test(row));
  return rows.slice(head + 1, end < 0 ? undefined : end).flatMap((row) => {
    const sign = row.slice(2, 3);
    const id = row.slice(4, objectAt).replace('└', '').trim();
    const shortened = row.slice(objectAt, whatAt).trim();
    if (id === '' || sign.trim() === '' || ofEarlierVisit.has(id)) return [];
    const check = truth.checks.find((each) => each.id === id && (each.name === shortened || each.name.startsWith(shortened.replace(/…$/, ''))));
    const name = shortened.endsWith('…') ? (check?.name ?? shortened) : shortened;
    return [`${sign === '▸' ? signs[check?.status ?? ''] : sign} ${id} ${name}`.trimEnd()];
  });
}

/** Those of the first list that the second does not have, or not so often. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** The rows that say something. */
export function pictureOf(soaked: Soaked): string {
  return soaked
    .screen()
    .filter((row) => /[^│\s]/.test(row))
    .map((row) => row.replace(/[\s│]+$/, ''))
    .join('\n');
}

/** What follows an escape at once would be taken for the rest of a sequence. */
async function back(soaked: Soaked): Promise<void> {
  soaked.type('\x1b');
  await pause(120);
}

function isOn(rows: readonly string[], key: string): boolean {
  return rows[1]?.includes(`▸${key} `) === true;
}

function matched(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '';
}

/** The rows once they are as wanted, or as they are after a while. */
async function shown(soaked: Soaked, wanted: (rows: readonly string[]) => boolean): Promise<readonly string[]> {
  for (const until = performance.now() + 5_000; performance.now() < until && !wanted(soaked.screen()); ) await pause(50);
  return soaked.screen();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
