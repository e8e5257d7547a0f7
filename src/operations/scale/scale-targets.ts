import type { ScaleTarget } from '../../state/scaling.js';

/** The workloads of `Deployment/ai/resnet50-inference StatefulSet/ai/qdrant`, each once. */
export function listTargets(targets: string): readonly ScaleTarget[] {
  return [...new Set(targets.split(' '))].flatMap((target) => {
    const [kind = '', namespace = '', name = ''] = target.split('/');
    return name === '' ? [] : [{ kind, namespace, name }];
  });
}
