import { type ReactElement, useEffect, useState } from 'react';
import type { SetupChoice, SetupDesk } from '../../../src/state/setup.js';
import { line } from '../../../src/text/line.js';
import { wrap } from '../../../src/text/width.js';
import { innerWidth } from '../../widgets/panel-lines.js';
import { TextPage } from '../../widgets/TextPage.js';
import { type Loaded, type SetupControl, sentence } from '../../wizards/setup/use-setup.js';
import type { PageProps } from '../screen-props.js';
import { codeLines } from './code-lines.js';

/** All of it as a script that a person could run by hand. */
export function SetupScript({ snapshot, setup, page, width, height }: Omit<PageProps, 'now'> & { readonly setup: SetupControl }): ReactElement {
  const choice = snapshot.setup.value?.outline.choice ?? null;
  const script = useScript(setup.desk, choice);
  const inner = innerWidth(width);
  const lines =
    script.status === 'loading'
      ? [line(['dim', '◌ writing it'])]
      : script.status === 'failed'
        ? wrap(script.why, inner - 2).map((text, index) => line(index === 0 ? ['bad', '✗ '] : '  ', text))
        : codeLines(script.value.split('\n'), inner, 0);
  return (
    <TextPage
      title="The setup as a script"
      right={line(['dim', 'setup plan --format script prints it'])}
      lines={lines}
      page={page}
      {...(script.status === 'read' && script.value.length < mostCopied ? { copy: script.value } : {})}
      width={width}
      height={height}
    />
  );
}

/** Terminals take some 100 kB at most. */
const mostCopied = 70_000;

function useScript(desk: SetupDesk | null, choice: SetupChoice | null): Loaded<string> {
  const [script, setScript] = useState<Loaded<string>>({ status: 'loading' });
  useEffect(() => {
    if (desk === null || choice === null) return;
    let left = false;
    desk.script(choice).then(
      (value) => left || setScript({ status: 'read', value }),
      (error: unknown) => left || setScript({ status: 'failed', why: sentence(error) }),
    );
    return () => {
      left = true;
    };
  }, [desk, choice]);
  return script;
}
