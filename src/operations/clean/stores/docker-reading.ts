import { at, list, text, time } from '../../../kube/json.js';
import { clean } from '../../../text/clean.js';
import { type Look, Unmeasured } from '../disk-look.js';
import { jsonLines, parsedJson } from './foreign-json.js';

/** What Docker keeps on a machine. */
export interface DockerState {
  /** Its data-root. */
  readonly root: string;
  readonly images: readonly DockerImage[];
  readonly containers: readonly DockerContainer[];
  /** Records of the build cache; null where this version only tells their sum. */
  readonly cache: readonly CacheRecord[] | null;
  /** What `docker system df` says could go of the build cache. */
  readonly cacheBytes: number;
}

export interface DockerImage {
  /** `sha256:…` */
  readonly id: string;
  readonly tags: readonly string[];
  /** `repository@sha256:…`; empty where it was never pushed or pulled. */
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** What no other image shares; null where that is not told. */
  readonly uniqueBytes: number | null;
  readonly createdAt: number | null;
  readonly dangling: boolean;
  /** A container, running or not, was made of it. */
  readonly used: boolean;
}

export interface DockerContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  /** `running`, `exited`, `created`, `dead`, `paused`, … */
  readonly state: string;
  readonly writtenBytes: number;
  readonly project: string | null;
}

export interface CacheRecord {
  readonly bytes: number;
  readonly inUse: boolean;
  /** Not used for a week. */
  readonly old: boolean;
}

const readings = new WeakMap<Look, Promise<DockerState>>();

/** Asked once for all of Docker's stores. Rejects with Unmeasured. */
export function dockerState(look: Look): Promise<DockerState> {
  const known = readings.get(look) ?? read(look);
  readings.set(look, known);
  return known;
}

async function read(look: Look): Promise<DockerState> {
  const docker = (...words: readonly string[]) => look.ask(['docker', ...words], { timeoutMs: 60_000 });
  const ids = lines(await docker('image', 'ls', '--quiet', '--no-trunc'));
  const dangling = new Set(lines(await docker('image', 'ls', '--quiet', '--no-trunc', '--filter', 'dangling=true')));
  const inspected = ids.length === 0 ? [] : list(parsedJson(await docker('image', 'inspect', ...ids), 'docker image inspect'));
  const containerIds = lines(await docker('container', 'ls', '--all', '--quiet', '--no-trunc'));
  const containers =
    containerIds.length === 0
      ? []
      : list(parsedJson(await docker('container', 'inspect', '--size', ...containerIds), 'docker container inspect')).flatMap(containerOf);
  const usage = await diskUsage(look);
  const used = new Set(containers.map(({ imageId }) => imageId));
  const root = (await docker('info', '--format', '{{.DockerRootDir}}')).trim();
  return {
    root: root.startsWith('/') ? clean(root, 1024) : '/var/lib/docker',
    containers,
    images: inspected.flatMap((image) => imageOf(image, { dangling, used, unique: usage.unique })),
    cache: usage.cache,
    cacheBytes: usage.cacheBytes,
  };
}

interface Usage {
  /** By the first twelve digits of an image's id. */
  readonly unique: ReadonlyMap<string, number>;
  readonly cache: readonly CacheRecord[] | null;
  readonly cacheBytes: number;
}

/** `docker system df -v` as JSON since 18.09; before, and where it takes too long, the sums alone. */
async function diskUsage(look: Look): Promise<Usage> {
  try {
    const all = parsedJson(await look.ask(['docker', 'system', 'df', '-v', '--format', '{{json .}}'], { timeoutMs: 60_000 }), 'docker system df');
    const records = list(at(all, 'BuildCache')).map(cacheRecord);
    const unique = list(at(all, 'Images')).flatMap((image) => {
      const bytes = dockerSize(at(image, 'UniqueSize'));
      const id = at(image, 'ID');
      return typeof id !== 'string' || bytes === null ? [] : [[shortId(id), bytes] as const];
    });
    return { unique: new Map(unique), cache: records, cacheBytes: 0 };
  } catch (error) {
    if (!(error instanceof Unmeasured)) throw error;
    const rows = jsonLines(await look.ask(['docker', 'system', 'df', '--format', '{{json .}}'], { timeoutMs: 60_000 }));
    const row = rows.find((candidate) => at(candidate, 'Type') === 'Build Cache');
    return { unique: new Map(), cache: null, cacheBytes: dockerSize(at(row, 'Reclaimable')) ?? 0 };
  }
}

function imageOf(
  image: unknown,
  { dangling, used, unique }: { readonly dangling: ReadonlySet<string>; readonly used: ReadonlySet<string>; readonly unique: Usage['unique'] },
): readonly DockerImage[] {
  const id = text(at(image, 'Id'), 200);
  if (id === null) return [];
  const names = (field: string) => list(at(image, field)).flatMap((name) => (typeof name === 'string' && !name.includes('<none>') ? [clean(name, 500)] : []));
  const size = Number(at(image, 'Size'));
  return [
    {
      id,
      tags: names('RepoTags'),
      digests: names('RepoDigests'),
      sizeBytes: Number.isFinite(size) ? size : 0,
      uniqueBytes: unique.get(shortId(id)) ?? null,
      createdAt: time(at(image, 'Created')),
      dangling: dangling.has(id),
      used: used.has(id),
    },
  ];
}

function containerOf(container: unknown): readonly DockerContainer[] {
  const id = text(at(container, 'Id'), 200);
  if (id === null) return [];
  const written = Number(at(container, 'SizeRw') ?? 0);
  return [
    {
      id,
      name: (text(at(container, 'Name'), 200) ?? id.slice(0, 12)).replace(/^\//, ''),
      image: text(at(container, 'Config', 'Image'), 500) ?? '',
      imageId: text(at(container, 'Image'), 200) ?? '',
      state: text(at(container, 'State', 'Status'), 40) ?? 'unknown',
      writtenBytes: Number.isFinite(written) ? written : 0,
      project: text(at(container, 'Config', 'Labels', 'com.docker.compose.project'), 200),
    },
  ];
}

function cacheRecord(record: unknown): CacheRecord {
  return {
    bytes: dockerSize(at(record, 'Size')) ?? 0,
    inUse: String(at(record, 'InUse')) === 'true',
    old: isOverAWeek(String(at(record, 'LastUsedSince') ?? '')),
  };
}

/** Docker's own words for a span: `7 days ago`, `2 weeks ago`; `About an hour ago` is none of these. */
function isOverAWeek(since: string): boolean {
  const [, amount = '', unit] = /(\d+) (day|week|month|year)s?/.exec(since) ?? [];
  return unit !== undefined && (unit !== 'day' || Number(amount) >= 7);
}

/** As Docker writes sizes, in powers of a thousand: `1.24GB`, `0B`, `1.2GB (50%)`. */
export function dockerSize(words: unknown): number | null {
  const [, amount = '', unit = ''] = /^([\d.]+)\s?([kMGTP]?)B/.exec(typeof words === 'string' ? words : '') ?? [];
  return amount === '' ? null : Math.round(Number(amount) * 1000 ** ['', 'k', 'M', 'G', 'T', 'P'].indexOf(unit));
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

function lines(answer: string): readonly string[] {
  return [...new Set(answer.split('\n').flatMap((line) => (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(line.trim()) ? [line.trim()] : [])))];
}
