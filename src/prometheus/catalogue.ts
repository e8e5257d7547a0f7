import { containerQueries } from './catalogue/containers.js';
import { gpuQueries } from './catalogue/gpus.js';
import { inferenceQueries } from './catalogue/inference.js';
import { loadQueries } from './catalogue/load.js';
import { nodeQueries } from './catalogue/nodes.js';
import { pressureQueries } from './catalogue/pressure.js';
import type { CatalogueQuery } from './catalogue/query.js';
import { statusQueries } from './catalogue/status.js';

/** Every query that is asked from here or stands in a dashboard. */
export const catalogue: readonly CatalogueQuery[] = [
  ...nodeQueries,
  ...gpuQueries,
  ...containerQueries,
  ...pressureQueries,
  ...inferenceQueries,
  ...statusQueries,
  ...loadQueries,
];

/** The query of that id. Throws for an id that is not in the catalogue: a mistake of ours. */
export function catalogueQuery(id: string): CatalogueQuery {
  const found = catalogue.find((query) => query.id === id);
  if (found === undefined) throw new Error(`no query "${id}" in the catalogue`);
  return found;
}

/** The expression with its `$app` filled in: a regular expression for the beginning of pod and app names. By default all of them. */
export function filled({ expr }: CatalogueQuery, app = ''): string {
  return expr.replaceAll('$app', app);
}
