import type { ReactElement } from 'react';
import type { SetupDraft } from '../../wizards/setup/draft.js';
import type { SetupControl } from '../../wizards/setup/use-setup.js';
import type { ScreenProps } from '../screen-props.js';
import { SetupMatrix } from './SetupMatrix.js';
import { SetupStart } from './SetupStart.js';

/** Guided setup: what can be set up, or the setup that is open. */
export function Setup(props: ScreenProps & { readonly setup: SetupControl; readonly draft: SetupDraft | null }): ReactElement {
  const { value } = props.snapshot.setup;
  return value === null ? <SetupStart {...props} /> : <SetupMatrix {...props} open={value} />;
}
