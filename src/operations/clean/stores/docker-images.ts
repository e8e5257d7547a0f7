import { eachAtOnce } from '../../../kube/each-at-once.js';
import type { StorePart } from '../../../state/disks.js';
import { age } from '../../../text/age.js';
import { counted } from '../../../text/wording.js';
import { type Look, Unmeasured } from '../disk-look.js';
import { type DockerImage, dockerState } from './docker-reading.js';
import { type ImageUsers, imageUsers } from './image-users.js';
import type { Store } from './store.js';

/**
 * Docker's images that no container was made of, one by one. `docker image prune -a` would take them all, also those that exist nowhere else; and that Docker does not use
 * one says nothing about Kubernetes.
 */
export const dockerImages: Store = {
  id: 'docker-images',
  title: 'Docker images that no container uses',
  harm: 'an image that no registry has is gone for good',
  risk: 'disruptive',
  ticked: true,
  byPart: true,
  async measure(look) {
    const { images, root } = await dockerState(look);
    const unused = images.filter(({ used, dangling }) => !used && !dangling).sort((a, b) => sizeOf(b) - sizeOf(a));
    const users = unused.length === 0 ? null : await imageUsers(look);
    const asked = new Set(unused.filter(({ digests }) => digests.length > 0).slice(0, mostAsked));
    const parts = await eachAtOnce(unused, 4, async (image) => partOf(image, await origin(look, image, asked.has(image)), users));
    return {
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
      exact: false,
      how: `docker: ${counted(unused.length, 'image')} of ${images.length}`,
      note:
        users?.why ??
        (parts.some(({ verdict }) => verdict === 'lost')
          ? 'LOST ones are nowhere else: keep them first with docker save -o FILE IMAGE, or docker push'
          : undefined),
      path: root,
      parts,
      commands: (chosen) =>
        unused.filter(({ id }) => chosen.has(id)).map((image) => ({ argv: ['docker', 'image', 'rm', '--', ...referred(image)], timeoutMs: 300_000 })),
      async recheck(commands) {
        const moved: string[] = [];
        for (const { argv } of commands) {
          const [name = '', ...others] = argv.slice(4);
          const image = unused.find((one) => referred(one)[0] === name);
          const found = await look.ask(['docker', 'image', 'inspect', '--format', '{{.Id}}', '--', name, ...others]).catch(() => '');
          if (found.split('\n').some((id) => id.trim() !== '' && id.trim() !== image?.id) || found === '') moved.push(name);
        }
        return {
          commands: commands.filter(({ argv }) => !moved.includes(argv[4] ?? '')),
          stays: moved.map((name) => `${name} names another image now, or is gone`),
        };
      },
    };
  },
};

/** Registries count what they are asked. */
const mostAsked = 20;

function sizeOf({ uniqueBytes, sizeBytes }: DockerImage): number {
  return uniqueBytes ?? sizeBytes;
}

/** An image with several tags is only removed by all of them. */
function referred({ id, tags, digests }: DockerImage): readonly string[] {
  const names = [...tags, ...(tags.length === 0 ? digests : [])];
  return names.length > 0 ? names : [id];
}

interface Origin {
  readonly fetchable: boolean;
  readonly why: string;
}

async function origin(look: Look, { digests }: DockerImage, ask: boolean): Promise<Origin> {
  const [digest] = digests;
  if (digest === undefined) return { fetchable: false, why: 'no digest: it was never pushed or pulled' };
  if (!ask) return { fetchable: false, why: 'its registry was not asked' };
  try {
    // Before 20.10 this was an experiment.
    await look.ask(['docker', 'manifest', 'inspect', digest], { timeoutMs: 15_000, env: { DOCKER_CLI_EXPERIMENTAL: 'enabled' } });
    return { fetchable: true, why: 'its registry has it' };
  } catch (error) {
    if (!(error instanceof Unmeasured)) throw error;
    return { fetchable: false, why: `its registry does not give it: ${error.message.replace(/^docker: /, '')}` };
  }
}

function partOf(image: DockerImage, { fetchable, why }: Origin, users: ImageUsers | null): StorePart {
  const usedBy = [...new Set([...image.tags, ...image.digests].flatMap((name) => users?.of(name) ?? []))];
  const verdict = !fetchable ? 'lost' : usedBy.length > 0 ? 're-pull' : 'safe';
  const made = image.createdAt === null ? '' : `, ${age(image.createdAt, Date.now())} old`;
  return {
    id: image.id,
    text: `${image.tags.join(' ') || (image.digests[0] ?? image.id.slice(0, 19))}${made}`,
    bytes: sizeOf(image),
    verdict,
    why,
    usedBy,
    // Who uses it must be known before nobody does.
    ticked: verdict === 'safe' && users?.why === undefined,
  };
}
