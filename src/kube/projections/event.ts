import type { ClusterEvent } from '../../state/events.js';
import { createIntern } from '../intern.js';
import { at, number, text, time } from '../json.js';

const shared = createIntern();

/** v1.Event in both of its shapes (firstTimestamp and count, or eventTime and series); null for something without a name. */
export function projectEvent(object: unknown): ClusterEvent | null {
  const metadata = at(object, 'metadata');
  const name = text(at(metadata, 'name'));
  if (name === null) return null;
  const involved = at(object, 'involvedObject');
  const series = at(object, 'series');
  const eventTime = time(at(object, 'eventTime'));
  const createdAt = time(at(metadata, 'creationTimestamp'));
  const firstAt = time(at(object, 'firstTimestamp')) ?? eventTime ?? createdAt;
  return {
    uid: text(at(metadata, 'uid')) ?? '',
    namespace: shared.text(text(at(metadata, 'namespace')) ?? ''),
    type: at(object, 'type') === 'Warning' ? 'Warning' : 'Normal',
    reason: shared.text(text(at(object, 'reason')) ?? ''),
    message: shared.text(text(at(object, 'message'), 1024) ?? ''),
    object: {
      kind: shared.text(text(at(involved, 'kind')) ?? ''),
      namespace: shared.textOrNull(text(at(involved, 'namespace'))),
      name: shared.text(text(at(involved, 'name')) ?? ''),
    },
    source: shared.textOrNull(text(at(object, 'source', 'component')) ?? text(at(object, 'reportingComponent'))),
    count: Math.max(1, number(at(series, 'count')) ?? number(at(object, 'count')) ?? 1),
    firstAt,
    lastAt: time(at(series, 'lastObservedTime')) ?? time(at(object, 'lastTimestamp')) ?? eventTime ?? firstAt,
  };
}
