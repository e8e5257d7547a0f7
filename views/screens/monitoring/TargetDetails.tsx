import { type ReactElement, useMemo } from 'react';
import type { Target } from '../../../src/state/monitoring.js';
import { type Line, line } from '../../../src/text/line.js';
import { ageOf } from '../../../src/text/moment.js';
import { seconds } from '../../../src/text/seconds.js';
import { wrap } from '../../../src/text/width.js';
import { freshnessNote } from '../../widgets/freshness-note.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { facts, sectionLines } from '../../widgets/sections.js';
import { TextPage } from '../../widgets/TextPage.js';
import type { PageProps } from '../screen-props.js';
import { targetId, targetSigns } from './target-rows.js';

/** All that Prometheus knows of one target, the error in full. */
export function TargetDetails({ snapshot: { targets }, now, page, width, height }: PageProps): ReactElement {
  const target = targets.value?.find((one) => targetId(one) === page.object);
  const inner = innerWidth(width);
  const lines = useMemo(
    () => (target === undefined ? [line(['warn', '! '], 'Prometheus no longer has this target.')] : targetLines(target, now, inner)),
    [target, now, inner],
  );
  const title = target === undefined ? 'Target' : `Target ${target.job} ${target.instance}`;
  return <TextPage title={title} right={freshnessNote(targets.freshness, now)} lines={lines} page={page} width={width} height={height} />;
}

function targetLines(target: Target, now: number, width: number): readonly Line[] {
  const { health, lastError } = target;
  const optional = (value: number | null) => (value === null ? line(['dim', 'not known']) : seconds(value));
  return sectionLines(
    [
      {
        title: 'Scrape',
        lines: (own) =>
          facts(
            [
              ['health', line(targetSigns[health], ` ${health}`)],
              ['address', target.scrapeUrl],
              ['last scraped', target.lastScrapeAt === null ? line(['warn', 'never']) : `${ageOf(target.lastScrapeAt, now)} ago`],
              ['took', optional(target.scrapeDurationSeconds)],
              ['limit', optional(target.scrapeTimeoutSeconds)],
              ['every', optional(target.scrapeIntervalSeconds)],
              ['pool', target.pool],
            ],
            own,
          ),
      },
      {
        title: 'Last error',
        lines: (own) => (lastError === null ? [line(['dim', 'none: the last scrape went well'])] : wrap(lastError, own).map((text) => line(['bad', text]))),
      },
      {
        title: 'Labels',
        lines: (own) => (target.labels.size === 0 ? [line(['dim', 'none'])] : facts([...target.labels], own)),
      },
    ],
    [],
    width,
  );
}
