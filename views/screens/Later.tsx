import type { ReactElement } from 'react';
import { line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';
import { Panel } from '../widgets/Panel.js';
import { innerWidth } from '../widgets/panel-lines.js';
import { type ScreenId, tabs } from './screen-ids.js';

/** A tab whose screen is not there yet: says what it will show. */
export function Later({ screen, width, height }: { readonly screen: ScreenId; readonly width: number; readonly height: number }): ReactElement {
  const name = tabs.find(({ id }) => id === screen)?.name ?? screen;
  const said = wrap(`Not in this version yet. ${coming[screen] ?? ''}`, innerWidth(width));
  return <Panel title={name} lines={[[], ...said.map((text) => line(['dim', text]))]} width={width} height={height} />;
}

const coming: Partial<Record<ScreenId, string>> = {
  setup: 'Will show the playbooks for setting nodes up, with the state of each step per host.',
};
