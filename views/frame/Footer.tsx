import { type ReactElement, useContext } from 'react';
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
  width,
}: {
  readonly state: AppState;
  readonly capabilities: ReadonlySet<Capability>;
  readonly width: number;
}): ReactElement {
  const { current: target } = useContext(KeyTargetContext);
  const active = activeBindings(placesOf({ state, target }), capabilities);
  return <Rows lines={[footerLine(active, state.typing, state.notice, [], width)]} width={width} />;
}
