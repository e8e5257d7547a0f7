import type { ExperimentSource, ExperimentWorkload } from '../../../src/state/experiments.js';

/** What an experiment's page is about, as its object: `file PATH`, `workload Kind/namespace/name`, `status NAME`; '' to choose. */
export function experimentObject(source: ExperimentSource): string {
  return 'file' in source ? `file ${source.file}` : `workload ${source.workload.kind}/${source.workload.namespace}/${source.workload.name}`;
}

/** Null for a page that is about none, or about one that runs. */
export function experimentSource(object: string): ExperimentSource | null {
  const [, what, rest = ''] = /^(file|workload) (.+)$/.exec(object) ?? [];
  if (what === 'file') return { file: rest };
  const [kind, namespace = '', name = ''] = rest.split('/');
  return what === 'workload' && isKind(kind) ? { workload: { kind, namespace, name } } : null;
}

function isKind(kind: string | undefined): kind is ExperimentWorkload['kind'] {
  return kind === 'Deployment' || kind === 'StatefulSet';
}
