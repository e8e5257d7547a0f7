import type { HostCommand, HostResult } from '../../../src/hosts/host.js';
import { HostError } from '../../../src/hosts/host-error.js';
import { ended } from '../a-world.js';

const id = (letter: string) => `sha256:${letter.repeat(64)}`;

export const ids = { used: id('a'), dangling: id('b'), lost: id('c'), fetchable: id('d'), inCluster: id('e') };
export const containers = { running: '1'.repeat(64), exited: '2'.repeat(64) };

const images = [
  { Id: ids.used, RepoTags: ['prom/prometheus:v3.1.0'], RepoDigests: [`prom/prometheus@${id('9')}`], Created: '2026-09-01T10:00:00Z', Size: 290_000_000 },
  { Id: ids.dangling, RepoTags: [], RepoDigests: [], Created: '2026-10-02T10:00:00.123456789Z', Size: 7_400_000_000 },
  { Id: ids.lost, RepoTags: ['lab/resnet50:dev', 'lab/resnet50:latest'], RepoDigests: [], Created: '2026-10-03T10:00:00Z', Size: 6_200_000_000 },
  {
    Id: ids.fetchable,
    RepoTags: ['nvidia/cuda:12.9.0-base-ubuntu24.04'],
    RepoDigests: [`nvidia/cuda@${id('8')}`],
    Created: '2026-08-01T10:00:00Z',
    Size: 340_000_000,
  },
  {
    Id: ids.inCluster,
    RepoTags: ['registry.lab.local:5000/ai/whisper:1.4'],
    RepoDigests: [`registry.lab.local:5000/ai/whisper@${id('7')}`],
    Created: '2026-08-01T10:00:00Z',
    Size: 8_100_000_000,
  },
];

const inspected = [
  {
    Id: containers.running,
    Name: '/prometheus',
    Image: ids.used,
    Config: { Image: 'prom/prometheus:v3.1.0', Labels: {} },
    State: { Status: 'running' },
    SizeRw: 12_000,
  },
  {
    Id: containers.exited,
    Name: '/train-7',
    Image: ids.used,
    Config: { Image: 'prom/prometheus:v3.1.0', Labels: { 'com.docker.compose.project': 'lab' } },
    State: { Status: 'exited' },
    SizeRw: 450_000_000,
  },
];

/** `docker system df -v --format '{{json .}}'` as Docker 27 and 29 print it: one document, sizes as people read them. */
const verbose = {
  Images: [
    { ID: 'b'.repeat(12), Repository: '<none>', Tag: '<none>', Size: '7.4GB', SharedSize: '5.1GB', UniqueSize: '2.3GB', Containers: '0' },
    { ID: 'c'.repeat(12), Repository: 'lab/resnet50', Tag: 'dev', Size: '6.2GB', SharedSize: '5.1GB', UniqueSize: '1.1GB', Containers: '0' },
  ],
  Containers: [],
  Volumes: [],
  BuildCache: [
    { ID: 'x1', CacheType: 'regular', InUse: 'false', Shared: 'false', Size: '4.5GB', LastUsedSince: '3 weeks ago', UsageCount: '2' },
    { ID: 'x2', CacheType: 'regular', InUse: 'true', Shared: 'true', Size: '900MB', LastUsedSince: '8 days ago', UsageCount: '9' },
    { ID: 'x3', CacheType: 'source.local', InUse: 'false', Shared: 'false', Size: '12.5kB', LastUsedSince: 'About an hour ago', UsageCount: '1' },
    { ID: 'x4', CacheType: 'exec.cachemount', InUse: 'false', Shared: 'false', Size: '500MB', LastUsedSince: '7 days ago', UsageCount: '1' },
  ],
};

/** Docker 17.06 refuses `-v` together with `--format`; its sums come one a line. */
const sums = [
  '{"Active":"1","Reclaimable":"13.8GB (98%)","Size":"14.1GB","TotalCount":"5","Type":"Images"}',
  '{"Active":"1","Reclaimable":"450MB (99%)","Size":"450MB","TotalCount":"2","Type":"Containers"}',
  '{"Active":"0","Reclaimable":"0B","Size":"0B","TotalCount":"0","Type":"Local Volumes"}',
  '{"Active":"0","Reclaimable":"5.2GB","Size":"6.1GB","TotalCount":"31","Type":"Build Cache"}',
].join('\n');

/** What docker answers on a build host, by version; anything else runs as nothing. */
export function dockerOf(version: '29.1' | '27.5' | '17.06', registry: (digest: string) => HostResult = () => ended(0, { stdout: '{}' })) {
  return async ({ argv }: HostCommand): Promise<HostResult> => {
    const [program, ...words] = argv;
    const said = (value: unknown) => ended(0, { stdout: typeof value === 'string' ? value : JSON.stringify(value) });
    if (program === 'stat' || program === 'df') return files(argv);
    if (program === 'crictl') throw new HostError('not-found', 'there is no crictl on gpu-1');
    if (program !== 'docker') return ended(0);
    const line = words.join(' ');
    if (line.startsWith('image ls')) return said(line.includes('dangling') ? `${ids.dangling}\n` : `${Object.values(ids).join('\n')}\n${ids.lost}\n`);
    if (line.startsWith('image inspect')) return said(images);
    if (line.startsWith('container ls')) return said(Object.values(containers).join('\n'));
    if (line.startsWith('container inspect')) return said(inspected);
    if (line.startsWith('system df -v')) return version === '17.06' ? ended(1, { stderr: 'the verbose and the format options conflict\n' }) : said(verbose);
    if (line.startsWith('system df')) return said(sums);
    if (line.startsWith('info')) return said('/data/docker\n');
    if (line.startsWith('manifest inspect')) return registry(words.at(-1) ?? '');
    return said('');
  };
}

function files(argv: readonly string[]): HostResult {
  const paths = argv.filter((word) => word.startsWith('/'));
  if (argv[0] === 'stat') return ended(0, { stdout: paths.map((path) => `${path}\n`).join('') });
  return ended(0, {
    stdout: `Filesystem 1024-blocks Used Available Capacity Mounted on\n${paths.map((path) => `/dev/sdb1 1000000 400000 600000 40% ${path.startsWith('/data') ? '/data' : '/'}\n`).join('')}`,
  });
}
