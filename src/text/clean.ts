/**
 * Makes foreign text (names, labels, messages, log lines, metric labels, command output) safe to show on one line: removes
 * ANSI escape sequences, control characters, bidirectional overrides, zero-width and other invisible characters; turns line
 * breaks and tabs into spaces; replaces lone surrogates; cuts at `limit` characters. Everything foreign passes here once,
 * where it enters the program.
 */
export function clean(text: string, limit = 4096): string {
  const short = text.length > limit ? `${text.slice(0, limit)}…` : text;
  if (harmless.test(short)) return short;
  return short.replace(escapeSequences, '').replace(lineBreaks, ' ').replace(invisible, '').toWellFormed();
}

const harmless = /^[\x20-\x7e]*$/;

// ECMA-48: CSI, OSC/DCS/SOS/PM/APC strings up to BEL, ST or the end of the text, and two-character escapes; with their 8-bit forms.
const escapeSequences = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]?/g;

const lineBreaks = /[\t\n\v\f\r\x85\u2028\u2029]+/g;

// Control characters, and all that Unicode calls formatting or ignorable: zero-width and bidi controls, soft hyphens, fillers,
// variation selectors, tag characters.
const invisible = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
