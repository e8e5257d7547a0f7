import { seeded } from '../fuzz/mutate.js';
import { bringHome, type Difference, differences, pictureOf } from './compare.js';
import { mark } from './hostile-text.js';
import { type Lab, startLab } from './lab.js';
import { createMonkey } from './monkey.js';
import { type Ending, type Soaked, startSoaked } from './soaked.js';
import { type Growth, growthOf, mostGrowth, type Sample } from './trend.js';
import { readTruth } from './truth.js';
import { createWeather } from './weather.js';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly dist: string;
  readonly planted: string;
  say(line: string): void;
}

export interface SoakResult {
  /** What is wrong, one sentence each; empty where nothing is. */
  readonly troubles: readonly string[];
  /** The last pictures, newest last. */
  readonly frames: readonly string[];
}

/** Lets the program live through everything for so long, then looks whether it is none the worse for it. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const lab = await startLab({ churn: 10, speed: options.minutes < 2 ? 5 : 1 });
  const run = new Run(lab, options, await startLife(lab, options));
  try {
    const troubles = await run.live();
    return { troubles: troubles.length > 0 ? troubles : await run.settle(), frames: run.frames };
  } finally {
    await run.close();
    await lab.close();
  }
}

/** With this much behind the last key, the screen has been drawn. */
const answerMs = 20_000;

class Run {
  readonly frames: string[] = [];
  readonly #lab: Lab;
  readonly #options: SoakOptions;
  readonly #random: () => number;
  readonly #pace: number;
  readonly #lives: (readonly Sample[])[] = [];
  #soaked: Soaked;
  #restarts = 0;
  #hostileFrames = 0;

  constructor(lab: Lab, options: SoakOptions, soaked: Soaked) {
    this.#lab = lab;
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#pace = Math.min(1, Math.max(0.12, options.minutes / 10));
    this.#soaked = soaked;
  }

  /** The rough part. Resolves with what went wrong, at once when it does. */
  async live(): Promise<readonly string[]> {
    const { minutes, say } = this.#options;
    const { api } = this.#lab;
    // Each has random numbers of its own: how fast one is changes nothing about the order of the other.
    const weather = createWeather({ lab: this.#lab, random: seeded(this.#options.seed + 1), pace: this.#pace, jumpClock: (ms) => this.#soaked.jumpClock(ms) });
    const monkey = createMonkey(seeded(this.#options.seed + 2));
    const startedAt = performance.now();
    const endsAt = startedAt + minutes * 60_000;
    let nextTurn = startedAt + 1000;
    let nextReport = startedAt + 60_000;
    let nextAnswer = startedAt + answerMs;
    let awaySince: number | null = null;
    if (!(await this.#isUp())) return ['the program does not come up'];
    while (performance.now() < endsAt) {
      monkey.turn(this.#soaked);
      await pause(20 + this.#random() ** 3 * 400);
      const now = performance.now();
      const trouble = await this.#trouble();
      if (trouble !== null) return trouble;
      if (now >= nextTurn) {
        weather.turn();
        this.#keepFrame();
        nextTurn = now + 1000;
        // Another cluster than ours: a demo of its own, from which there is no way back but a new start.
        awaySince = isAway(this.#soaked, api.port) ? (awaySince ?? now) : null;
        if (awaySince !== null && now - awaySince > 15_000) {
          this.#soaked.type('\x03');
          await this.#soaked.exited;
          awaySince = null;
        }
      }
      if (now >= nextAnswer) {
        if (!(await this.#answers()))
          return [
            `no sign of life within ${answerMs / 1000} s of a key, during ${weather.now().join(', ') || 'good weather'}; it is ${(await this.#soaked.whereItIs()).join(' < ')}`,
          ];
        nextAnswer = performance.now() + answerMs;
      }
      if (now >= nextReport) {
        say(this.#line((now - startedAt) / 60_000, monkey.keys, weather.now()));
        nextReport += 60_000;
      }
    }
    say(`${monkey.keys} keys, ${this.#restarts} new starts, ${this.#hostileFrames} pictures with foreign text, ${api.silenced()} silent connections left`);
    say(
      `faults: ${[...weather.counts]
        .sort()
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`,
    );
    await weather.calm();
    return [];
  }

  /** The calm after it: what the program shows is so, it has grown no bigger, and it leaves the terminal as it was. */
  async settle(): Promise<readonly string[]> {
    const { say, dist, planted } = this.#options;
    // Who looks for a leak of its own making need not wait for the rest.
    if (planted === 'leak') return this.#growths();
    const endsAt = performance.now() + Math.max(180_000, this.#pace * 240_000);
    const began = performance.now();
    let found: readonly Difference[] = [];
    const wrong = (what: string): readonly Difference[] => [{ what, picture: pictureOf(this.#soaked) }];
    for (;;) {
      const trouble = await this.#trouble();
      if (trouble !== null) return trouble;
      if (!(await bringHome(this.#soaked, `127.0.0.1:${this.#lab.api.port}`))) found = wrong('the program does not come back to its first screen');
      else {
        found = await readTruth(this.#lab, dist).then(
          (truth) => differences(this.#soaked, truth),
          (error: unknown) => wrong(error instanceof Error ? error.message : String(error)),
        );
      }
      if (found.length === 0 || performance.now() > endsAt) break;
      say(`after ${seconds(performance.now() - began)} not yet all is as it is: ${found.map(({ what }) => what).join('; ')}`);
    }
    if (found.length === 0) say(`all screens say what is so, ${Math.round((performance.now() - began) / 1000)} s after the last fault`);
    if (found.length > 0) this.frames.splice(0, this.frames.length, ...new Set(found.map(({ picture }) => picture)));
    return [...found.map(({ what }) => what), ...this.#growths(), ...(await this.#leave())];
  }

  async close(): Promise<void> {
    await this.#soaked.close();
  }

  async #isUp(): Promise<boolean> {
    for (const until = performance.now() + 30_000; performance.now() < until; await pause(50)) {
      if (this.#soaked.screen().some((row) => row.includes('Overview'))) return true;
      if (this.#soaked.ended !== null) return false;
    }
    return false;
  }

  /** What is wrong with the program right now; where it has left of its own accord, as the monkey may have wished, it is started again. */
  async #trouble(): Promise<readonly string[] | null> {
    const { raw, ended } = this.#soaked;
    if (raw !== null) return [`raw text on the terminal: ${raw}`];
    if (ended === null) return null;
    const wrong = wrongWith(ended);
    if (wrong.length > 0) return wrong;
    this.#lives.push(this.#soaked.samples());
    await this.#soaked.close();
    this.#soaked = await startLife(this.#lab, this.#options);
    this.#restarts += 1;
    return (await this.#isUp()) ? null : ['the program does not come up again'];
  }

  /** Whether it paints anew when it is asked to. */
  async #answers(): Promise<boolean> {
    const before = this.#soaked.characters;
    this.#soaked.resize(120, 40);
    this.#soaked.type('\x0c');
    for (const until = performance.now() + answerMs; performance.now() < until; await pause(50)) {
      if (this.#soaked.characters > before || this.#soaked.ended !== null) return true;
    }
    return false;
  }

  #keepFrame(): void {
    const picture = pictureOf(this.#soaked);
    if (picture.includes(mark)) this.#hostileFrames += 1;
    if (picture !== this.frames.at(-1)) this.frames.push(picture);
    if (this.frames.length > 3) this.frames.shift();
  }

  #line(minute: number, keys: number, going: readonly string[]): string {
    const sample = this.#soaked.samples().at(-1);
    const kinds = Object.entries(sample?.kinds ?? {}).map(([kind, count]) => `${kind} ${count}`);
    const held = sample === undefined ? 'no sample' : `heap ${megabytes(sample.heapUsed)}, RSS ${megabytes(sample.rss)}, ${kinds.join(', ')}`;
    return `${String(Math.round(minute)).padStart(3)} min  ${held}, ${megabytes(this.#soaked.characters)} to the terminal, ${keys} keys, ${this.#restarts} new starts  ${going.join(', ')}`;
  }

  /** The longest life counts: each new start takes the growth before it away. */
  #growths(): readonly string[] {
    const lives = [...this.#lives, this.#soaked.samples()];
    const growth = lives.map(growthOf).reduce((one, other) => ((other?.overMs ?? 0) > (one?.overMs ?? 0) ? other : one), null);
    if (growth === null) return ['too few samples to tell whether it grows'];
    const most = mostGrowth(growth.overMs);
    this.#options.say(told(growth, most));
    return [
      ...(growth.heapBytes > most.heapBytes ? [`the heap grew by ${megabytes(growth.heapBytes)} in ${seconds(growth.overMs)}`] : []),
      ...(growth.resources > most.resources
        ? [
            `${growth.resources.toFixed(0)} handles more in ${seconds(growth.overMs)}: ${[...growth.kinds].map(([kind, more]) => `${kind} ${more.toFixed(1)}`).join(', ')}`,
          ]
        : []),
    ];
  }

  async #leave(): Promise<readonly string[]> {
    this.#soaked.type(this.#options.seed % 2 === 0 ? 'q' : '\x03');
    const ended = await Promise.race([this.#soaked.exited, pause(10_000).then(() => null)]);
    return ended === null ? ['the program does not leave within 10 s'] : wrongWith(ended);
  }
}

function startLife({ home }: Lab, { dist, planted, minutes }: SoakOptions): Promise<Soaked> {
  return startSoaked({ dist, home, planted, sampleEveryMs: minutes < 2 ? 500 : 5000 });
}

function wrongWith({ exitCode, stderr, left }: Ending): readonly string[] {
  return [
    ...(exitCode === 0 ? [] : [`the program ended with ${exitCode}`]),
    ...(stderr === '' ? [] : [`it said on stderr: ${stderr.slice(0, 2000)}`]),
    ...left.map((what) => `the terminal is not as it was: ${what}`),
  ];
}

function isAway(soaked: Soaked, port: number): boolean {
  const [, shownPort] = /127\.0\.0\.1:(\d+)/.exec(soaked.screen()[0] ?? '') ?? [];
  return shownPort !== undefined && Number(shownPort) !== port;
}

function told({ overMs, heapBytes, resources, heapAtEnd, resourcesAtEnd }: Growth, most: ReturnType<typeof mostGrowth>): string {
  return `over the last ${seconds(overMs)} the heap's trend is ${heapBytes < 0 ? '' : '+'}${megabytes(heapBytes)} (bound ${megabytes(most.heapBytes)}; now ${megabytes(heapAtEnd)}), that of the handles ${resources < 0 ? '' : '+'}${resources.toFixed(1)} (bound ${most.resources}; now ${resourcesAtEnd})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
