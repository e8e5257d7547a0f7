import type { SetupOutline } from '../../../src/state/setup.js';
import { type Line, line, lineWidth } from '../../../src/text/line.js';
import { cut } from '../../../src/text/width.js';
import { counted } from '../../../src/text/wording.js';
import { type DraftPart, draftParts, type SetupDraft } from './draft.js';

/** The wizard's steps in a row: `profile ─ HOSTS ─ variables ─ outline ─ matrix`; where that does not fit, only which of them it is. */
export function stepsRow(part: DraftPart, room: number): Line {
  const row = [...draftParts, 'matrix' as const].flatMap((each, index) =>
    line(index === 0 ? '' : ['dim', ' ─ '], each === part ? ['accent', names[each].toUpperCase()] : ['dim', names[each]]),
  );
  return lineWidth(row) <= room ? row : line(['accent', `step ${draftParts.indexOf(part) + 1}`], ['dim', ` of ${draftParts.length + 1}`]);
}

/** The wizard's steps one below the other, with what was chosen in each. */
export function stepsColumn({ part, choice }: SetupDraft, outline: SetupOutline | null, width: number): readonly Line[] {
  const at = draftParts.indexOf(part);
  const set = Object.keys(choice.values).length;
  const said: Readonly<Record<DraftPart | 'matrix', string>> = {
    profile: choice.profile ?? (choice.playbooks.length === 0 ? '' : counted(choice.playbooks.length, 'playbook')),
    hosts: choice.hosts.length === 0 ? '' : counted(choice.hosts.length, 'host'),
    values: at < 2 ? '' : set === 0 ? 'as they come' : `${set} of your own`,
    outline: at < 3 || outline === null ? '' : counted(outline.steps.length, 'step'),
    matrix: '',
  };
  return [...draftParts, 'matrix' as const].flatMap((each, index) => {
    const sign: Line = index < at ? line(['good', '✓ ']) : index === at ? line(['accent', '▸ ']) : line(['dim', '· ']);
    const name = `${names[each].charAt(0).toUpperCase()}${names[each].slice(1)}`;
    return [line(sign, [index === at ? 'strong' : index < at ? 'plain' : 'dim', name]), line('  ', ['dim', cut(said[each], width - 2)]), []];
  });
}

const names: Readonly<Record<DraftPart | 'matrix', string>> = { profile: 'profile', hosts: 'hosts', values: 'variables', outline: 'outline', matrix: 'matrix' };
