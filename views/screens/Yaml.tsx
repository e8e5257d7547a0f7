import { type ReactElement, useEffect, useMemo, useState } from 'react';
import type { Session } from '../../src/session.js';
import { clean } from '../../src/text/clean.js';
import { type Line, line } from '../../src/text/line.js';
import { wrap } from '../../src/text/width.js';
import type { Page } from '../app-state.js';
import { innerWidth } from '../widgets/panel-lines.js';
import { TextPage } from '../widgets/TextPage.js';

type Text = { readonly status: 'loading' } | { readonly status: 'read'; readonly yaml: string } | { readonly status: 'failed'; readonly why: string };

/** An object as the API server has it. */
export function Yaml({
  session,
  page,
  width,
  height,
}: {
  readonly session: Session | null;
  readonly page: Page;
  readonly width: number;
  readonly height: number;
}): ReactElement {
  const text = useYaml(session, page.object);
  const inner = innerWidth(width);
  const lines = useMemo(() => linesOf(text, inner), [text, inner]);
  return <TextPage title={page.object} lines={lines} page={page} width={width} height={height} />;
}

function useYaml(session: Session | null, object: string): Text {
  const [text, setText] = useState<Text>({ status: 'loading' });
  useEffect(() => {
    let wanted = true;
    setText({ status: 'loading' });
    session?.yaml(object).then(
      (yaml) => wanted && setText({ status: 'read', yaml }),
      (error: unknown) => wanted && setText({ status: 'failed', why: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [session, object]);
  return text;
}

function linesOf(text: Text, width: number): readonly Line[] {
  switch (text.status) {
    case 'loading':
      return [line(['dim', '◌ reading it from the API server'])];
    case 'failed':
      return wrap(text.why, width - 2).map((row, index) => line(index === 0 ? ['bad', '✗ '] : '  ', row));
    case 'read':
      return text.yaml
        .trimEnd()
        .split('\n')
        .flatMap((row) => yamlLines(clean(row), width));
  }
}

/** One line of YAML with its key set off; what is too long goes on below, indented as its value is. */
function yamlLines(row: string, width: number): readonly Line[] {
  const match = /^(\s*(?:- )*)([^\s:#"'][^:]*|"[^"]*"):(\s.*|)$/.exec(row);
  const indent = (/^\s*/.exec(row)?.[0].length ?? 0) + 4;
  const [, lead = '', key = '', value = ''] = match ?? [];
  const whole: Line = match === null ? line(row) : line(['dim', lead], ['accent', key], ['dim', ':'], value);
  if (row.length <= width) return [whole];
  const pieces = wrap(match === null ? row.trim() : value, Math.max(20, width - indent));
  const first = match === null ? [] : [line(['dim', lead], ['accent', key], ['dim', ':'])];
  return [...first, ...pieces.map((piece) => line(' '.repeat(Math.min(indent, Math.floor(width / 2))), piece))];
}
