/** A variable in upper case that a script takes the value of, with the line (from 1). */
export interface ShellName {
  readonly name: string;
  readonly line: number;
}

/**
 * The variables in upper case whose values a bash script takes (`$NAME`, `${NAME…}`), and those that it sets itself. What stands in single quotes, in comments or in a here-document with a quoted end is not the
 * shell's to fill in: programs of awk and jq have variables too.
 */
export function shellNames(script: string): { readonly used: readonly ShellName[]; readonly set: ReadonlySet<string> } {
  const shown = withoutLiterals(script);
  const used: ShellName[] = [];
  for (const [row, line] of shown.split('\n').entries()) {
    for (const [, name = ''] of line.matchAll(/\$(?:\{[#!]?)?([A-Z][A-Z0-9_]*)(?![A-Za-z0-9_])/g)) used.push({ name, line: row + 1 });
  }
  return { used, set: new Set(setNames(shown)) };
}

function* setNames(script: string): Iterable<string> {
  for (const [, name = ''] of script.matchAll(/(?:^|[\s;&|({"'$])\{?:?\s*([A-Z][A-Z0-9_]*)(?:\[[^\]]*\])?(?:\+?=|:=)/gm)) yield name;
  for (const [, names = ''] of script.matchAll(/\b(?:for|read|mapfile|readarray|getopts|local|declare|typeset|readonly|export|unset)\b([^\n;|&]*)/g)) {
    for (const [name] of names.matchAll(/(?<![A-Za-z0-9_$\-{/.])[A-Z][A-Z0-9_]*/g)) yield name;
  }
}

/** The script with all that the shell takes literally blanked out, line by line as it was. */
function withoutLiterals(script: string): string {
  let out = '';
  let at = 0;
  /** Innermost last: `"` in double quotes, `(` in a command substitution. */
  const nesting: ('"' | '(')[] = [];
  const documents: { readonly end: string; readonly quoted: boolean; readonly tabs: boolean }[] = [];
  while (at < script.length) {
    const char = script.charAt(at);
    const quoted = nesting.at(-1) === '"';
    if (char === '\\') {
      out += `  `;
      if (script.charAt(at + 1) === '\n') out = `${out.slice(0, -1)}\n`;
      at += 2;
    } else if (char === "'" && !quoted) {
      const end = script.indexOf("'", at + 1);
      const stop = end === -1 ? script.length : end + 1;
      out += blank(script.slice(at, stop));
      at = stop;
    } else if (char === '#' && !quoted && (at === 0 || /[\s;&|()]/.test(script.charAt(at - 1)))) {
      const end = script.indexOf('\n', at);
      const stop = end === -1 ? script.length : end;
      out += blank(script.slice(at, stop));
      at = stop;
    } else if (char === '\n' && documents.length > 0) {
      out += '\n';
      at += 1;
      for (const { end, quoted: literal, tabs } of documents.splice(0)) {
        const body = documentBody(script, at, end, tabs);
        out += literal ? blank(body) : body;
        at += body.length;
      }
    } else {
      const opens = !quoted && /^<<(-?)\s*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][A-Za-z0-9_]*))/.exec(script.slice(at, at + 80));
      if (opens && script.charAt(at + 2) !== '<' && script.charAt(at - 1) !== '<') {
        const [all, dash = '', single, double, bare = ''] = opens;
        documents.push({ end: single ?? double ?? bare, quoted: single !== undefined || double !== undefined || all.includes('\\'), tabs: dash !== '' });
        out += blank(all);
        at += all.length;
        continue;
      }
      if (char === '"') {
        if (quoted) nesting.pop();
        else nesting.push('"');
      } else if (char === '$' && script.charAt(at + 1) === '(') {
        nesting.push('(');
        out += '$';
        at += 1;
      } else if (char === '(' && !quoted) nesting.push('(');
      else if (char === ')' && nesting.at(-1) === '(') nesting.pop();
      out += script.charAt(at);
      at += 1;
    }
  }
  return out;
}

function documentBody(script: string, from: number, end: string, tabs: boolean): string {
  let at = from;
  while (at < script.length) {
    const stop = script.indexOf('\n', at);
    const line = script.slice(at, stop === -1 ? script.length : stop);
    at = stop === -1 ? script.length : stop + 1;
    if ((tabs ? line.replace(/^\t+/, '') : line) === end) break;
  }
  return script.slice(from, at);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
