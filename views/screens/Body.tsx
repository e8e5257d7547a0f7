import type { ReactElement } from 'react';
import type { Session } from '../../src/session.js';
import type { Page } from '../app-state.js';
import { Later } from './Later.js';
import { Overview } from './Overview.js';
import type { ScreenId } from './screen-ids.js';
import type { ScreenProps } from './screen-props.js';

/** What fills the frame: the page on top, else the screen. One line here for each screen and each kind of page. */
export function Body({
  screen,
  page,
  session,
  ...props
}: ScreenProps & { readonly screen: ScreenId; readonly page: Page | null; readonly session: Session | null }): ReactElement {
  void page;
  void session;
  switch (screen) {
    case 'overview':
      return <Overview {...props} />;
    default:
      return <Later screen={screen} width={props.width} height={props.height} />;
  }
}
