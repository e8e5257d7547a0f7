import { at, list } from '../../../kube/json.js';
import { KubeError } from '../../../kube/kube-error.js';
import { readObjects } from '../../cluster-reading.js';
import { existing, foldersBelow, sum } from '../disk-files.js';
import { type Look, Unmeasured } from '../disk-look.js';
import type { Store } from './store.js';

const folder = '/opt/local-path-provisioner';

/** Folders of the local-path provisioner that no volume refers to. They are somebody's data until somebody says otherwise. */
export const localPath: Store = {
  id: 'local-path',
  title: 'local-path folders without a volume',
  harm: 'the data in these folders is gone for good',
  risk: 'destructive',
  ticked: false,
  byPart: true,
  async measure(look) {
    const [there] = await existing(look, [folder]);
    const all = there === undefined ? [] : (await foldersBelow(look, folder)).filter(({ path }) => provisioned.test(path));
    const orphans = all.length === 0 ? [] : await withoutVolume(look, all);
    return {
      bytes: sum(orphans),
      exact: true,
      how: `${orphans.length} of ${all.length} folders in ${folder} without a volume of that path`,
      path: there ?? '/',
      parts: orphans.map(({ path, bytes }) => ({
        id: path.slice(folder.length + 1),
        text: path.slice(folder.length + 1).replace(/^pvc-[0-9a-f-]{36}_/, ''),
        bytes,
        verdict: 'lost',
        why: 'no volume refers to it, and nobody else may have the data',
        usedBy: [],
        ticked: false,
      })),
      commands: (chosen) =>
        orphans.filter(({ path }) => chosen.has(path.slice(folder.length + 1))).map(({ path }) => ({ argv: ['rm', '-rf', '--', path], timeoutMs: 600_000 })),
      async recheck(commands) {
        const still = new Set((await withoutVolume(look, orphans)).map(({ path }) => path));
        return {
          commands: commands.filter(({ argv }) => still.has(argv.at(-1) ?? '')),
          stays: commands.flatMap(({ argv }) => (still.has(argv.at(-1) ?? '') ? [] : [`${argv.at(-1)} has a volume again`])),
        };
      },
    };
  },
};

/** What somebody else has put there has another name. */
const provisioned = /\/pvc-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}_[\w.-]+$/;

async function withoutVolume<T extends { readonly path: string }>({ world }: Look, folders: readonly T[]): Promise<readonly T[]> {
  try {
    const volumes = await readObjects(world, '/api/v1/persistentvolumes');
    const taken = new Set(
      list(volumes).flatMap((volume) =>
        [at(volume, 'spec', 'hostPath', 'path'), at(volume, 'spec', 'local', 'path')].flatMap((path) =>
          typeof path === 'string' ? [path.replace(/\/+$/, '')] : [],
        ),
      ),
    );
    return folders.filter(({ path }) => !taken.has(path));
  } catch (error) {
    if (error instanceof KubeError) throw new Unmeasured(`which volumes there are cannot be told: ${error.message}`);
    throw error;
  }
}
