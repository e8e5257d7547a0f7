import { valueProblem } from '../../src/runbooks/value-types.js';
import { specOf } from './every-step.js';

/** Whatever somebody could type to have it run, to end a quotation, or to change a file; each makes `canary` where it is executed. */
export function hostileTexts(canary: string): readonly string[] {
  return [
    `'; touch ${canary} #`,
    `"; touch ${canary}; "`,
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `\${x:=$(touch ${canary})}`,
    `a; touch ${canary} & | && || > /dev/null`,
    `x\ntouch ${canary}\n`,
    `x\r\ntouch ${canary}`,
    `'"'"'$'\\n'touch ${canary}`,
    `[$(touch ${canary})]`,
    `a[\`touch ${canary}\`]`,
    `: {a: b} # c\n- d: e`,
    `"}], "x": [{"y": "z`,
    '{{ .Values.x }} {% raw %} <% x %>',
    '%s%n %d',
    '\\',
    "'",
    '"',
    '-rf /',
    '--help',
    '* ? [a-z] ~ ~root',
    '!! !$ ^a^b',
    `\${PATH} $HOME $0 $$ \${HOME}`,
    '/../../../etc/passwd',
    's/a/b/e; /x/ d; &',
    '##gpuk8s give JOIN_TOKEN eA==',
    '.',
    'EOF',
    'yes',
    '0x10',
    '1e9',
    ' leading and trailing ',
    '\u202etxet\u202c \u2028 \u00a0',
    '\u001b[31mred\u001b[0m',
    '\u{1f4a3} ünï \u4e16\u754c',
    'x'.repeat(5000),
    '',
  ];
}

/** Those of the texts that a variable takes. What it does not take is refused with a sentence. */
export function accepted(name: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => valueProblem(specOf(name), text) === null);
}
