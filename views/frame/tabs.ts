import { fitLine, type Line, line, lineWidth } from '../../src/text/line.js';
import { type ScreenId, tabs } from '../screens/screen-ids.js';

/** The row of tabs, the open one marked; short names where the full ones do not fit. */
export function tabsLine(screen: ScreenId, width: number): Line {
  const full = row(screen, ({ name }) => name, ' ');
  return fitLine(lineWidth(full) <= width ? full : row(screen, ({ short }) => short, ''), width);
}

function row(screen: ScreenId, nameOf: (tab: (typeof tabs)[number]) => string, gap: string): Line {
  return tabs.flatMap((tab) => {
    const name = nameOf(tab);
    return tab.id === screen ? line(['title', `▸${tab.key} ${name}`], gap) : line(' ', ['accent', tab.key], ` ${name}${gap}`);
  });
}
