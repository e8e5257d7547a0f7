import { at, list } from '../../kube/json.js';
import type { NodeDisks, StoreReading } from '../../state/disks.js';
import { clean } from '../../text/clean.js';
import { readObjects } from '../cluster-reading.js';
import type { World } from '../operation.js';
import { readingOf, unreadStore } from './disk-inventory.js';
import { diskStores } from './disk-stores.js';
import { fullName } from './stores/image-users.js';
import type { Store } from './stores/store.js';

/** What the API alone tells of a node's disks, where nobody can log in: how large the images are that its pods do not use. `why` says what keeps us out. */
export async function estimateFromApi(world: World, node: string, why: string): Promise<NodeDisks> {
  const startedAt = Date.now();
  const stores = await Promise.all(
    diskStores.map((store) => (store.id === 'cri-images' ? unusedImages(store, world, node) : unreadStore(store, 'needs a login on the machine'))),
  );
  return { node, at: Date.now(), tookMs: Date.now() - startedAt, from: { api: true, why }, filesystems: [], stores };
}

async function unusedImages(store: Store, world: World, node: string): Promise<StoreReading> {
  const images = world.snapshot().nodes.value?.get(node)?.images ?? [];
  if (images.length === 0) return unreadStore(store, 'the node does not list its images');
  try {
    const pods = await readObjects(world, '/api/v1/pods', {
      fieldSelector: `spec.nodeName=${node},status.phase!=Failed,status.phase!=Succeeded`,
      limit: '500',
    });
    const used = new Set(pods.flatMap((pod) => [...list(at(pod, 'spec', 'containers')), ...list(at(pod, 'spec', 'initContainers'))]).flatMap(imageOf));
    const unused = images.filter(({ name }) => !used.has(fullName(name)));
    return readingOf(store, {
      status: 'measured',
      bytes: unused.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      exact: false,
      how: `the node lists ${images.length} images, its pods use ${images.length - unused.length}`,
      commands: [],
      mount: null,
      parts: [],
      note: 'an estimate: a kubelet lists no more than its 50 largest images',
    });
  } catch (error) {
    return unreadStore(store, clean(error instanceof Error ? error.message : String(error), 300));
  }
}

function imageOf(container: unknown): readonly string[] {
  const image = at(container, 'image');
  return typeof image === 'string' ? [fullName(image)] : [];
}
