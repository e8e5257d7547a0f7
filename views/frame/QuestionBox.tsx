import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Question } from '../../src/state/hosts.js';
import { line } from '../../src/text/line.js';
import { Panel } from '../widgets/Panel.js';
import { innerHeight, innerWidth } from '../widgets/panel-lines.js';
import { questionLines, questionTitles } from './question-lines.js';

/** A question over the middle of the body. It is given how much was typed, never what. */
export function QuestionBox({
  question,
  waiting,
  typed,
  armed,
  width,
  bodyHeight,
}: {
  readonly question: Question;
  /** How many more questions wait behind it. */
  readonly waiting: number;
  /** Characters typed so far. */
  readonly typed: number;
  /** Whether keys count yet. */
  readonly armed: boolean;
  readonly width: number;
  readonly bodyHeight: number;
}): ReactElement {
  const boxWidth = Math.min(width - 4, 78);
  const lines = questionLines(question, typed, armed, innerWidth(boxWidth), innerHeight(bodyHeight));
  const height = lines.length + 2;
  return (
    <Box position="absolute" top={Math.max(0, Math.floor((bodyHeight - height) / 2))} left={Math.floor((width - boxWidth) / 2)}>
      <Panel
        title={`${questionTitles[question.kind]}: ${question.host}`}
        right={waiting === 0 ? [] : line(['warn', `${waiting} more`])}
        lines={lines}
        width={boxWidth}
        height={height}
        tone="warn"
        focused
      />
    </Box>
  );
}
