import { graphemesOf } from '../../src/text/graphemes.js';
import { fitLine, type Line, line, lineWidth, spread } from '../../src/text/line.js';
import type { Notice, Typing } from '../app-state.js';
import { type Binding, shownKey } from '../keys.js';
import type { TextInput } from '../text-input.js';

/** The last row: the keys that count here, as many as fit; what is being typed; or a notice about what just happened. */
export function footerLine(active: readonly Binding[], typing: Typing | null, notice: Notice | null, right: Line, width: number): Line {
  // A setting is typed where it stands, and so is a name that confirms.
  if (typing?.into === 'setting' || typing?.into === 'confirm' || typing?.into === 'field' || typing?.into === 'replicas')
    return line(' ', hints(active, width - 2));
  if (typing !== null) return spread(line(' ', typed(typing)), line(hints(active, Math.floor(width / 2)), ' '), width);
  const end = line(notice === null ? right : [notice.tone === 'bad' ? line(['bad', `! ${notice.text}`]) : line(notice.text)].flat(), ' ');
  const room = width - Math.min(lineWidth(end), notice === null ? width : Math.floor(width * 0.7)) - 2;
  return spread(line(' ', hints(active, room - 1)), fitLine(end, Math.min(lineWidth(end), width)), width);
}

/** A line being typed with its cursor: an inverse cell, and `▏` where it stands at the end. */
export function inputLine({ text, cursor }: TextInput): Line {
  const characters = graphemesOf(text);
  const under = characters[cursor];
  return line(characters.slice(0, cursor).join(''), under === undefined ? ['accent', '▏'] : ['selected', under], characters.slice(cursor + 1).join(''));
}

function typed(typing: Typing): Line {
  return line(['accent', typing.into === 'palette' ? ':' : '/'], inputLine(typing.input));
}

function hints(active: readonly Binding[], room: number): Line {
  let hint: Line = [];
  for (const binding of active) {
    if (binding.label === null) continue;
    const next = line(['accent', shownKey(binding)], ` ${binding.label}`);
    const longer = hint.length === 0 ? next : line(hint, '  ', next);
    if (lineWidth(longer) > room) break;
    hint = longer;
  }
  return hint;
}
