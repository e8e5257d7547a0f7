import type { ExperimentMark } from '../../state/experiments.js';
import type { ExperimentFiles } from './state-file.js';

/** The marks of all experiments on that context that are about a service (`namespace/name`), between two moments (ms since the epoch, Prometheus' clock); oldest first. */
export async function marksOf(
  files: Pick<ExperimentFiles, 'readAll'>,
  context: string,
  service: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly ExperimentMark[]> {
  const states = await files.readAll();
  return states
    .filter((state) => state.context === context)
    .flatMap(({ marks }) => marks)
    .filter((mark) => mark.at >= from && mark.at <= to && mark.services.includes(service))
    .sort((a, b) => a.at - b.at);
}
