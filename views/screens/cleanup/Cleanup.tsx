import type { ReactElement } from 'react';
import type { Session } from '../../../src/session.js';
import type { ScreenProps } from '../screen-props.js';
import { EndedPods } from './EndedPods.js';

/** What lies about and takes room: pods that have ended, by owner and reason. */
export function Cleanup({ snapshot, session, now, width, height, list, dial }: ScreenProps & { readonly session: Session | null }): ReactElement {
  return <EndedPods snapshot={snapshot} session={session} list={list('ended-pods')} dial={dial} now={now} width={width} height={height} />;
}
