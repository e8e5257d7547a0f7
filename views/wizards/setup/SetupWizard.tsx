import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { SetupChoice } from '../../../src/state/setup.js';
import { line } from '../../../src/text/line.js';
import type { Page, Typing } from '../../app-state.js';
import type { ListState } from '../../list-state.js';
import { Panel } from '../../widgets/Panel.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { changeChoice, type SetupDraft } from './draft.js';
import { fieldChange } from './fields.js';
import { HostsPart } from './HostsPart.js';
import { OutlinePart } from './OutlinePart.js';
import { ProfilePart } from './ProfilePart.js';
import type { PartProps } from './part-props.js';
import { useDetected, useOutline } from './use-outline.js';
import type { SetupControl } from './use-setup.js';
import { ValuesPart } from './ValuesPart.js';
import { stepsColumn, stepsRow } from './wizard-steps.js';

const sideFrom = 110;
const side = 30;

/** From nothing to a setup that can be opened: a profile, the hosts, the variables, and all steps that come of them. */
export function SetupWizard({
  setup,
  draft,
  page,
  typing,
  list,
  dial,
  width,
  height,
}: {
  readonly setup: SetupControl;
  readonly draft: SetupDraft | null;
  readonly page: Page;
  readonly typing: Typing | null;
  readonly list: (id: string) => ListState;
  readonly dial: (name: string) => number;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  // What is typed counts at once, so that what is wrong with it shows at once.
  const trial = useMemo(() => trialOf(draft, typing), [draft, typing]);
  const detected = useDetected(setup.desk, draft?.choice ?? null, draft?.part === 'values' || draft?.part === 'outline');
  const outline = useOutline(setup.desk, trial, detected.times);
  if (draft === null) return <Panel title="New setup" lines={[line(['dim', 'it was dropped; esc goes back'])]} width={width} height={height} />;
  const isWide = width >= sideFrom;
  const own = isWide ? width - side : width;
  const worked = outline.status === 'read' ? outline.value : null;
  const props: PartProps = {
    setup,
    draft,
    outline,
    detected,
    page,
    typing,
    list,
    dial,
    head: (title) => (isWide ? [] : stepsRow(draft.part, own - title.length - 12)),
    width: own,
    height,
  };
  return (
    <Box width={width} height={height}>
      {isWide ? <Panel title="New setup" lines={stepsColumn(draft, worked, innerWidth(side))} width={side} height={height} /> : null}
      {partOf(props)}
    </Box>
  );
}

function partOf(props: PartProps): ReactElement {
  switch (props.draft.part) {
    case 'profile':
      return <ProfilePart {...props} />;
    case 'hosts':
      return <HostsPart {...props} />;
    case 'values':
      return <ValuesPart {...props} />;
    case 'outline':
      return <OutlinePart {...props} />;
  }
}

function trialOf(draft: SetupDraft | null, typing: Typing | null): SetupChoice | null {
  if (draft === null) return null;
  const change = typing?.into === 'field' && !typing.secret ? fieldChange(typing.field, typing.input.text, false) : null;
  return change === null ? draft.choice : changeChoice(draft.choice, change);
}
