/** The lines of a bash script two spaces deeper, except where that would change what stands between quotes or in a here-document. Where it cannot be told, they stay as they are. */
export function indented(script: string): readonly string[] {
  const lines = script.split('\n');
  const scan = scanner();
  const deeper = lines.map((line) => {
    const isFree = scan.isFree();
    scan.line(line);
    return isFree && line !== '' ? `  ${line}` : line;
  });
  return scan.isFree() ? deeper : lines;
}

interface Scanner {
  /** The next line begins where blanks mean nothing. */
  isFree(): boolean;
  line(text: string): void;
}

interface Document {
  readonly end: string;
  readonly tabs: boolean;
}

function scanner(): Scanner {
  /** What is open, innermost last: quotes, substitutions and groups, arithmetic. */
  const open: ('"' | "'" | "$'" | '(' | '((')[] = [];
  const documents: Document[] = [];
  const innermost = () => open.at(-1);

  const words = (text: string) => {
    const begun: Document[] = [];
    for (let at = 0; at < text.length; at += 1) {
      const rest = text.slice(at);
      const inside = innermost();
      if (inside === "'") {
        if (text[at] === "'") open.pop();
      } else if (text[at] === '\\') at += 1;
      else if (inside === "$'") {
        if (text[at] === "'") open.pop();
      } else if (text[at] === '"') {
        if (inside === '"') open.pop();
        else open.push('"');
      } else if (rest.startsWith('$((')) {
        open.push('((');
        at += 2;
      } else if (rest.startsWith('$(')) {
        open.push('(');
        at += 1;
      } else if (inside === '((' && rest.startsWith('))')) {
        open.pop();
        at += 1;
      } else if (inside === '"') continue;
      else if (rest.startsWith("$'")) {
        open.push("$'");
        at += 1;
      } else if (text[at] === "'") open.push("'");
      else if (text[at] === '#' && (at === 0 || /[\s;&|()]/.test(text[at - 1] ?? ''))) break;
      else if (text[at] === '(') open.push('(');
      else if (text[at] === ')') {
        // The end of a pattern of case closes nothing.
        if (inside === '(') open.pop();
      } else if (inside !== '((' && text[at - 1] !== '<') {
        const [all, dash = '', , end] = /^<<(-?)(?!<)\s*(["']?)([A-Za-z_]\w*)\2/.exec(rest) ?? [];
        if (all === undefined || end === undefined) continue;
        begun.push({ end, tabs: dash !== '' });
        at += all.length - 1;
      }
    }
    documents.push(...begun);
  };

  return {
    isFree: () => documents.length === 0 && (innermost() === undefined || innermost() === '(' || innermost() === '(('),
    line(text) {
      const [document] = documents;
      if (document === undefined) return words(text);
      if ((document.tabs ? text.replace(/^\t+/, '') : text) === document.end) documents.shift();
    },
  };
}
