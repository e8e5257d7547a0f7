/** A command with its words, and what its output is for. */
export interface SimpleCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly dropStdout: boolean;
  readonly dropStderr: boolean;
  readonly stderrToStdout: boolean;
}

/** Commands joined by `|`, and when they run: after what came before them, after its success, or after its failure. */
export interface Pipeline {
  readonly when: 'always' | 'success' | 'failure';
  readonly commands: readonly SimpleCommand[];
}

/** Reads the part of the shell's language that the demo's machines speak: words with quotes, `;`, `&&`, `||`, `|`, assignments, `>/dev/null`, `2>&1`. Null for anything beyond it. */
export function parseCommandLine(text: string): readonly Pipeline[] | null {
  const tokens = tokenize(text);
  if (tokens === null) return null;
  const pipelines: Pipeline[] = [];
  let when: Pipeline['when'] = 'always';
  let commands: SimpleCommand[] = [];
  let words: Token[] = [];
  const endCommand = () => {
    if (words.length > 0) commands.push(simple(words));
    words = [];
  };
  const endPipeline = (next: Pipeline['when']) => {
    endCommand();
    if (commands.length > 0) pipelines.push({ when, commands });
    commands = [];
    when = next;
  };
  for (const token of tokens) {
    if (token.operator === '|') endCommand();
    else if (token.operator === '&&') endPipeline('success');
    else if (token.operator === '||') endPipeline('failure');
    else if (token.operator === ';') endPipeline('always');
    else words.push(token);
  }
  endPipeline('always');
  return pipelines;
}

interface Token {
  readonly text: string;
  readonly operator: string | null;
  readonly quoted: boolean;
}

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let rest = text;
  while (rest !== '') {
    const space = /^(?:[ \t\r]+|\\\n|#[^\n]*)/.exec(rest);
    const operator = /^(?:&&|\|\||[;|]|\n)/.exec(rest);
    const redirection = /^(?:2>&1|(?:[12&]?>|2>>|>>)\s*\/dev\/null|<\s*\/dev\/null)/.exec(rest);
    if (space !== null) rest = rest.slice(space[0].length);
    else if (operator !== null) {
      tokens.push({ text: operator[0], operator: operator[0] === '\n' ? ';' : operator[0], quoted: false });
      rest = rest.slice(operator[0].length);
    } else if (redirection !== null) {
      tokens.push({ text: redirection[0].replaceAll(/\s/g, ''), operator: 'redirect', quoted: false });
      rest = rest.slice(redirection[0].length);
    } else {
      const word = readWord(rest);
      if (word === null) return null;
      tokens.push({ text: word.text, operator: null, quoted: word.quoted });
      rest = rest.slice(word.length);
    }
  }
  return tokens;
}

function readWord(text: string): { text: string; length: number; quoted: boolean } | null {
  let word = '';
  let place = 0;
  let quoted = false;
  while (place < text.length) {
    const rest = text.slice(place);
    const single = /^'([^']*)'/.exec(rest);
    const double = /^"((?:[^"\\$`]|\\.)*)"/s.exec(rest);
    const escaped = /^\\(.)/s.exec(rest);
    const plain = /^[^\s'"\\;|&<>()$`]+/.exec(rest);
    const found = single ?? double ?? escaped ?? plain;
    if (found === null) return place > 0 && /^[\s;|&<>]/.test(rest) ? { text: word, length: place, quoted } : null;
    quoted ||= found !== plain;
    word += double !== null && found === double ? (double[1] ?? '').replaceAll(/\\([\\"$`\n])/g, '$1') : (found[1] ?? found[0]);
    place += found[0].length;
  }
  return { text: word, length: place, quoted };
}

function simple(tokens: readonly Token[]): SimpleCommand {
  const redirections = tokens.filter(({ operator }) => operator === 'redirect').map(({ text }) => text);
  const words = tokens.filter(({ operator }) => operator === null);
  const env: Record<string, string> = {};
  let place = 0;
  for (; place < words.length; place++) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(words[place]?.text ?? '') ?? [];
    if (name === undefined || value === undefined) break;
    env[name] = value;
  }
  const has = (...texts: string[]) => redirections.some((text) => texts.includes(text));
  return {
    env,
    words: words.slice(place).map(({ text }) => text),
    dropStdout: has('>/dev/null', '1>/dev/null', '&>/dev/null', '>>/dev/null'),
    dropStderr: has('2>/dev/null', '2>>/dev/null', '&>/dev/null') || (has('2>&1') && has('>/dev/null', '1>/dev/null')),
    stderrToStdout: has('2>&1'),
  };
}
