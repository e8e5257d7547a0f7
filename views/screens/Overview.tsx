import type { ReactElement } from 'react';
import { Panel } from '../widgets/Panel.js';
import type { ScreenProps } from './screen-props.js';

/** Did everything come back? */
export function Overview({ width, height }: ScreenProps): ReactElement {
  return <Panel title="Overview" lines={[]} width={width} height={height} />;
}
