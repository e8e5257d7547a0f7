import { type ReactElement, useContext } from 'react';
import { type Line, line } from '../../src/text/line.js';
import type { AppState } from '../app-state.js';
import { placesOf } from '../dispatch.js';
import { KeyTargetContext } from '../key-target.js';
import { activeBindings, type Capability } from '../keys.js';
import { Rows } from '../widgets/Rows.js';
import { footerLine } from './footer-line.js';

/** The row of keys, for what the body above it has just said it shows. */
export function Footer({
  state,
  capabilities,
  unasked,
  running,
  width,
}: {
  readonly state: AppState;
  readonly capabilities: ReadonlySet<Capability>;
  /** Questions of machines that wait until somebody looks at machines. */
  readonly unasked: number;
  /** What is being changed just now. */
  readonly running: Line;
  readonly width: number;
}): ReactElement {
  const { current: target } = useContext(KeyTargetContext);
  const active = activeBindings(placesOf({ state, target }), capabilities);
  const asks = unasked === 0 ? [] : line(['warn', '! '], unasked === 1 ? 'a machine asks something: ' : `${unasked} machines ask something: `, ['accent', '3']);
  return <Rows lines={[footerLine(active, state.typing, state.notice, unasked === 0 ? running : asks, width)]} width={width} />;
}
