import { at, list, text } from '../../../kube/json.js';
import { KubeError } from '../../../kube/kube-error.js';
import { counted } from '../../../text/wording.js';
import { existing, foldersBelow, sum } from '../disk-files.js';
import { type Look, Unmeasured } from '../disk-look.js';
import type { Store, StoreCommand } from './store.js';

const folder = '/var/log/pods';

/** Log folders of pods that the API server no longer knows. The kubelet clears them away itself, but not where it was down when the pod went. */
export const podLogs: Store = {
  id: 'pod-logs',
  title: 'logs of pods that are gone',
  harm: 'what these pods said is gone',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    const [there] = await existing(look, [folder]);
    // A folder of the last minutes may belong to a pod that is only just beginning.
    const folders = there === undefined ? [] : await foldersBelow(look, folder, ['-mmin', '+10']);
    const orphans = await withoutPod(
      look,
      folders.flatMap((found) => (uidIn(found.path) === null ? [] : [found])),
    );
    return {
      bytes: sum(orphans),
      exact: true,
      how: `${counted(orphans.length, 'folder')} of ${folders.length} in ${folder} without a pod in the API`,
      path: there ?? '/',
      parts: [],
      commands: () => orphans.map(({ path }) => ({ argv: ['rm', '-rf', '--', path], timeoutMs: 60_000 })),
      async recheck(commands) {
        const still = new Set((await withoutPod(look, orphans)).map(({ path }) => path));
        const stays = (command: StoreCommand) => !still.has(command.argv.at(-1) ?? '');
        return {
          commands: commands.filter((command) => !stays(command)),
          stays: commands.filter(stays).map(({ argv }) => `${argv.at(-1)} has a pod again`),
        };
      },
    };
  },
};

/** `NAMESPACE_NAME_UID`: a UUID, or the hash of a static pod's manifest. */
function uidIn(path: string): string | null {
  return /_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})$/.exec(path)?.[1] ?? null;
}

/** Those whose pod neither the API server nor the kubelet knows. */
async function withoutPod<T extends { readonly path: string }>(look: Look, folders: readonly T[]): Promise<readonly T[]> {
  if (folders.length === 0) return [];
  const known = await podUids(look);
  const unknown = folders.filter(({ path }) => !known.has(uidIn(path) ?? ''));
  if (unknown.length === 0) return [];
  const own = new Map(unknown.map((found) => [`/var/lib/kubelet/pods/${uidIn(found.path)}`, found]));
  const kept = new Set(await existing(look, [...own.keys()]));
  return [...own].filter(([path]) => !kept.has(path)).map(([, found]) => found);
}

/** UIDs of all pods of the node, ended ones too; a static pod's folder has the hash that its mirror carries as an annotation. */
async function podUids({ world, node }: Look): Promise<ReadonlySet<string>> {
  const uids = new Set<string>();
  let from: string | undefined;
  try {
    do {
      const { body } = await world.client.request('/api/v1/pods', {
        query: { fieldSelector: `spec.nodeName=${node}`, limit: 500, continue: from },
        accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
        timeoutMs: 30_000,
      });
      if (!Array.isArray(at(body, 'items'))) throw new Unmeasured('the API server does not list the pods of the node');
      for (const pod of list(at(body, 'items'))) {
        const annotations = at(pod, 'metadata', 'annotations');
        for (const uid of [at(pod, 'metadata', 'uid'), at(annotations, 'kubernetes.io/config.hash'), at(annotations, 'kubernetes.io/config.mirror')])
          if (typeof uid === 'string') uids.add(uid);
      }
      from = text(at(body, 'metadata', 'continue'), 100_000) ?? undefined;
    } while (from !== undefined);
  } catch (error) {
    if (error instanceof KubeError) throw new Unmeasured(`which pods there are cannot be told: ${error.message}`);
    throw error;
  }
  return uids;
}
