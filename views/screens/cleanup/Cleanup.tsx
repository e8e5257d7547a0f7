import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Session } from '../../../src/session.js';
import type { ScreenProps } from '../screen-props.js';
import { Disk } from './Disk.js';
import { EndedPods } from './EndedPods.js';

const panels = 3;

/** What lies about and takes room: pods that have ended, by owner and reason; and what fills the nodes' disks. */
export function Cleanup({ snapshot, session, now, width, height, list, panel, dial }: ScreenProps & { readonly session: Session | null }): ReactElement {
  const focus = ([null, 'disks', 'stores'] as const)[panel] ?? null;
  const lists = { disks: list('disks'), stores: list('disk-stores') };
  const nodes = snapshot.nodes.value?.size ?? 0;
  // Where there is little room, what has the focus gets most of it.
  const isSmall = height < 30;
  const top = isSmall ? (focus === null ? height - Math.min(nodes + 3, 6) : 0) : Math.floor(height * 0.42);
  return (
    <Box flexDirection="column" width={width} height={height}>
      {top === 0 ? null : (
        <EndedPods
          snapshot={snapshot}
          session={session}
          list={list('ended-pods')}
          dial={dial}
          focused={focus === null}
          panels={panels}
          now={now}
          width={width}
          height={top}
        />
      )}
      <Disk snapshot={snapshot} lists={lists} focus={focus} panels={panels} now={now} width={width} height={height - top} />
    </Box>
  );
}
