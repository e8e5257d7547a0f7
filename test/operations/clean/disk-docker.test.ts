import { describe, expect, it } from 'vitest';
import { KubeError } from '../../../src/kube/kube-error.js';
import { cleanDisk } from '../../../src/operations/clean/disk.js';
import { measureMachine } from '../../../src/operations/clean/disk-inventory.js';
import { startLook } from '../../../src/operations/clean/disk-look.js';
import type { World } from '../../../src/operations/operation.js';
import type { StoreReading } from '../../../src/state/disks.js';
import { aHost, hostsOf } from '../../builders/host.js';
import { aSnapshot } from '../../builders/snapshot.js';
import { aWorld, ended, ok } from '../a-world.js';
import { containers, dockerOf, ids } from './docker-outputs.js';

const deployment = {
  metadata: { namespace: 'ai', name: 'whisper' },
  spec: { template: { spec: { containers: [{ image: 'registry.lab.local:5000/ai/whisper:1.4' }] } } },
};

function theWorld(run: ReturnType<typeof dockerOf>, mayRead = true): World {
  return aWorld({
    snapshot: aSnapshot({ hosts: hostsOf(aHost()) }),
    run,
    request: async (path) => {
      if (path.includes('deployments') && !mayRead) throw new KubeError('forbidden', 'not allowed to list deployments.apps', { status: 403 });
      return { ...ok, body: { items: path.includes('deployments') ? [deployment] : [] } };
    },
  });
}

async function stores(world: World): Promise<ReadonlyMap<string, StoreReading>> {
  const host = await world.host('gpu-1');
  const { stores: all } = await measureMachine(await startLook({ name: 'gpu-1', host, state: null, facts: null }, 'gpu-1', world));
  return new Map(all.map((store) => [store.id, store]));
}

function measured(all: ReadonlyMap<string, StoreReading>, id: string) {
  const reading = all.get(id)?.reading;
  if (reading?.status !== 'measured') throw new Error(`${id}: ${JSON.stringify(reading)}`);
  return reading;
}

describe('what Docker keeps', () => {
  it('29.1 and 27.5 tell images without a name by what they share with no other, and the build cache by when it was last used', async () => {
    for (const version of ['29.1', '27.5'] as const) {
      const all = await stores(theWorld(dockerOf(version)));
      expect(measured(all, 'docker-dangling')).toMatchObject({ bytes: 2_300_000_000, mount: '/data', commands: ['docker image prune --force'] });
      expect(measured(all, 'docker-build-cache')).toMatchObject({ bytes: 5_000_000_000, note: null });
      expect(measured(all, 'docker-containers')).toMatchObject({ bytes: 450_000_000, commands: [`docker container rm -- ${containers.exited}`] });
    }
  });

  it('17.06 tells only sums, and that is said', async () => {
    const all = await stores(theWorld(dockerOf('17.06')));
    expect(measured(all, 'docker-dangling').bytes).toBe(7_400_000_000);
    expect(measured(all, 'docker-build-cache')).toMatchObject({ bytes: 5_200_000_000, note: expect.stringContaining('at most this much') });
  });

  it('an image that no registry has is LOST, one that a workload uses is pulled again, and only the rest is ticked', async () => {
    const all = await stores(theWorld(dockerOf('29.1')));
    const { parts, commands } = measured(all, 'docker-images');
    expect(parts.map(({ id, verdict, ticked }) => [id, verdict, ticked])).toEqual([
      [ids.inCluster, 're-pull', false],
      [ids.lost, 'lost', false],
      [ids.fetchable, 'safe', true],
    ]);
    expect(parts[0]?.usedBy).toEqual(['deployment ai/whisper']);
    expect(parts[1]?.why).toBe('no digest: it was never pushed or pulled');
    expect(commands.join(' ')).not.toMatch(/prune|--all|-a\b/);
    expect(commands).toContain('docker image rm -- lab/resnet50:dev lab/resnet50:latest');
  });

  it('what the registry does not give is lost too, with its words', async () => {
    const gone = dockerOf('29.1', () => ended(1, { stderr: 'manifest unknown: manifest unknown\n' }));
    const [, , cuda] = measured(await stores(theWorld(gone)), 'docker-images').parts;
    expect(cuda).toMatchObject({ verdict: 'lost', ticked: false, why: expect.stringContaining('manifest unknown') });
  });

  it('nothing is ticked where it is not known who uses an image', async () => {
    const { parts, note } = measured(await stores(theWorld(dockerOf('29.1'), false)), 'docker-images');
    expect(parts.some(({ ticked }) => ticked)).toBe(false);
    expect(note).toContain('not allowed to list deployments');
  });

  it('a plan that loses an image wants the name of the node typed, and says how to keep it first', async () => {
    const world = theWorld(dockerOf('29.1'));
    const safe = await cleanDisk.plan({ node: 'gpu-1', stores: 'docker-images', parts: '', target: '', journal: '' }, world);
    expect(safe.plan).toMatchObject({ risk: 'safe', items: [{ exact: 'gpu-1# docker image rm -- nvidia/cuda:12.9.0-base-ubuntu24.04' }] });
    const loses = await cleanDisk.plan({ node: 'gpu-1', stores: 'docker-images', parts: `docker-images=${ids.lost}`, target: '', journal: '' }, world);
    expect(loses.plan).toMatchObject({ risk: 'destructive', confirmName: 'gpu-1' });
    expect(loses.plan.warnings.join('\n')).toMatch(/LOST: lab\/resnet50:dev lab\/resnet50:latest.*\n?.*docker save -o FILE lab\/resnet50:dev/);
  });

  it('a daemon that does not run is said so', async () => {
    const down = async (command: Parameters<ReturnType<typeof dockerOf>>[0]) =>
      command.argv[0] === 'docker'
        ? ended(1, { stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n' })
        : dockerOf('29.1')(command);
    expect((await stores(theWorld(down))).get('docker-images')?.reading).toEqual({
      status: 'unknown',
      why: 'docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    });
  });
});
