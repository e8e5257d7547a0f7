import { at, isObject, text } from '../../../kube/json.js';
import { KubeError } from '../../../kube/kube-error.js';
import { readObjects } from '../../cluster-reading.js';
import type { Look } from '../disk-look.js';

/** Who in the cluster refers to an image. */
export interface ImageUsers {
  /** `deployment ai/resnet50`, by the image's name in any of its forms. */
  of(image: string): readonly string[];
  /** Set where not all of them could be read: then nobody is known to be nobody. */
  readonly why?: string;
}

/** Workloads with their pod templates, whatever their images are used for. */
export async function imageUsers({ world }: Look): Promise<ImageUsers> {
  const users = new Map<string, string[]>();
  const refused: string[] = [];
  for (const { path, kind } of kinds) {
    try {
      for (const object of await readObjects(world, path)) {
        const owner = `${kind} ${text(at(object, 'metadata', 'namespace')) ?? ''}/${text(at(object, 'metadata', 'name')) ?? ''}`;
        for (const image of imagesIn(at(object, 'spec'))) {
          const name = fullName(image);
          users.set(name, [...(users.get(name) ?? []), owner]);
        }
      }
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      refused.push(error.message);
    }
  }
  const why = refused[0];
  return {
    of: (image) => users.get(fullName(image)) ?? [],
    ...(why === undefined ? {} : { why: `not all workloads could be read, so who uses an image is not known: ${why}` }),
  };
}

const kinds = [
  { kind: 'deployment', path: '/apis/apps/v1/deployments' },
  { kind: 'statefulset', path: '/apis/apps/v1/statefulsets' },
  { kind: 'daemonset', path: '/apis/apps/v1/daemonsets' },
  { kind: 'cronjob', path: '/apis/batch/v1/cronjobs' },
  { kind: 'job', path: '/apis/batch/v1/jobs' },
] as const;

/** `containers[].image` wherever pod templates have them. */
function imagesIn(spec: unknown): readonly string[] {
  if (Array.isArray(spec)) return spec.flatMap(imagesIn);
  if (!isObject(spec)) return [];
  return Object.entries(spec).flatMap(([name, value]) => (name === 'image' && typeof value === 'string' ? [value] : imagesIn(value)));
}

/** `nginx` is `docker.io/library/nginx:latest`. */
export function fullName(image: string): string {
  const [host = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(host);
  const path = hasRegistry ? image : `docker.io/${rest.length === 0 ? 'library/' : ''}${image}`;
  return path.includes('@') || /:[^/]+$/.test(path) ? path : `${path}:latest`;
}
