import { at, list } from '../../../kube/json.js';
import { counted } from '../../../text/wording.js';
import { type Look, Unmeasured } from '../disk-look.js';
import { parsedJson } from './foreign-json.js';
import type { Store } from './store.js';

/** Images of the container runtime that no container uses, running or ended; pinned ones stay. */
export const criImages: Store = {
  id: 'cri-images',
  title: 'images that no container uses',
  harm: 'the next pod that needs one fetches it again, which takes minutes for gigabytes',
  risk: 'disruptive',
  ticked: true,
  async measure(look) {
    const images = list(at(parsedJson(await crictl(look, 'images', '-o', 'json'), 'crictl images'), 'images'));
    const containers = list(at(parsedJson(await crictl(look, 'ps', '-a', '-o', 'json'), 'crictl ps'), 'containers'));
    const used = new Set(containers.flatMap(refsOf));
    const unused = images.filter((image) => at(image, 'pinned') !== true && !namesOf(image).some((name) => used.has(name)));
    const total = unused.reduce<number>((sum, image) => sum + sizeOf(image), 0);
    return {
      bytes: total,
      exact: false,
      how: `crictl: ${counted(unused.length, 'image')} of ${images.length}`,
      note: 'layers that images share go with the last of them, and unpacked they take more than crictl says',
      path: await storePath(look),
      parts: [],
      commands: () => (unused.length === 0 ? [] : [{ argv: ['crictl', 'rmi', '--prune'], timeoutMs: 900_000 }]),
    };
  },
};

async function crictl(look: Look, ...words: readonly string[]): Promise<string> {
  try {
    return await look.ask(['crictl', ...words], { timeoutMs: 30_000 });
  } catch (error) {
    if (!(error instanceof Unmeasured) || !/runtime|endpoint|socket|rpc error|connect/i.test(error.message)) throw error;
    throw new Unmeasured(`crictl reaches no runtime: name its endpoint in /etc/crictl.yaml (${error.message.replace(/^crictl: /, '')})`);
  }
}

/** An image's id and digests; crictl writes int64 as texts. */
function namesOf(image: unknown): readonly string[] {
  return [at(image, 'id'), ...list(at(image, 'repoDigests')), ...list(at(image, 'repoTags'))].flatMap((name) => (typeof name === 'string' ? [name] : []));
}

/** containerd names a container's image by its id, CRI-O before 1.31 by a digest, and both keep what the pod asked for. */
function refsOf(container: unknown): readonly string[] {
  return [at(container, 'imageRef'), at(container, 'imageId'), at(container, 'image', 'image')].flatMap((name) =>
    typeof name === 'string' && name !== '' ? [name] : [],
  );
}

function sizeOf(image: unknown): number {
  const size = Number(at(image, 'size'));
  return Number.isFinite(size) ? size : 0;
}

/** Where the images lie: `{status: {imageFilesystems: [{fsId: {mountpoint}}]}}`, before crictl 1.23 without `status`. */
async function storePath(look: Look): Promise<string> {
  try {
    const told = parsedJson(await crictl(look, 'imagefsinfo', '-o', 'json'), 'crictl imagefsinfo');
    const systems = list(at(told, 'status', 'imageFilesystems') ?? at(told, 'imageFilesystems'));
    const mount = at(at(systems[0], 'fsId') ?? systems[0], 'mountpoint');
    return typeof mount === 'string' && mount.startsWith('/') ? mount : '/';
  } catch (error) {
    if (error instanceof Unmeasured) return '/';
    throw error;
  }
}
