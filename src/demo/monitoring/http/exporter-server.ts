import type { DemoStorage } from '../demo-storage.js';
import { exposition } from '../exporters/family.js';
import { scrapeError } from '../health.js';
import { type Target, targetsOf } from '../targets.js';
import { metrics, notFound, type Reply, type Request, text } from './reply.js';

/** All exporters behind one port: /exporters/JOB/INSTANCE/metrics. One that is down closes the connection or fails as its error says. */
export function answerExporter(storage: DemoStorage, { path }: Request): Reply {
  const target = scraped(storage).find((each) => exporterPath(each) === path);
  if (target === undefined) return notFound;
  const error = scrapeError(storage.model, target);
  if (error !== null) {
    const status = /HTTP status (\d{3})/.exec(error)?.[1];
    return status === undefined ? 'drop' : text(Number(status), `${error}\n`);
  }
  return metrics(exposition(target.families(), storage.model.now()));
}

/** The targets that can be scraped now. */
export function scraped(storage: DemoStorage): readonly Target[] {
  const now = storage.model.now();
  return targetsOf(storage.model).filter(({ until }) => until > now);
}

export function exporterPath({ job, instance }: Target): string {
  return `/exporters/${job}/${instance}/metrics`;
}
