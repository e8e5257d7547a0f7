import { shellQuote } from '../hosts/shell-quote.js';
import type { Prepared } from './outline.js';
import { header, type ScriptMaterial } from './setup-script-header.js';
import { stepFunctions } from './setup-script-steps.js';
import { assignments, secretsOf, spread } from './setup-script-values.js';
import { hostSeat } from './step-script.js';

/**
 * The whole plan as one bash script that a person can read, carry to each host and run by hand: values, templates and each step's commands stand in it as they are, and it looks before it does anything. Secrets are not in it. Where the
 * plan contradicts itself the script says so and does nothing.
 */
export function setupScript(prepared: Prepared, material: ScriptMaterial): string {
  const { outline, steps } = prepared;
  const values = spread(prepared, material.prelude);
  const wanted = steps.flatMap((step) => secretsOf(prepared, step, material.templates).map((name) => ({ step: step.id, name })));
  return [
    ...header(prepared, material),
    "# Functions are called by the names of their steps, and what a step sees are the plan's values whether or not it needs them.",
    '# shellcheck disable=SC2034,SC2317,SC2329',
    'set -euo pipefail',
    'SCRIPT=$(basename "$0")',
    `: "\${YES:=no}" "\${OVERWRITE:=no}"`,
    '',
    rule('Values'),
    '# The files below were made with them: to change one, have the script written anew.',
    ...assignments({ CLUSTER: material.cluster, SEAT: outline.choice.seat, LOCK: hostSeat.lock, BOOT_ID: hostSeat.bootId }),
    ...assignments(values.everywhere),
    ...[...new Set(wanted.map(({ name }) => name))].map((name) => `: "\${${name}:=}" # a secret: from the environment, else asked for`),
    '',
    '# at PLACE: what differs from place to place.',
    'at() {',
    '  case $1 in',
    ...outline.columns.flatMap((place) => [
      `    ${shellQuote(place)})`,
      ...assignments(values.byPlace.get(place) ?? {}).map((text) => `      ${text}`),
      '      : ;;',
    ]),
    '  esac',
    '}',
    '',
    rule('What steps are written with'),
    material.prelude.trim(),
    '',
    rule('The plan'),
    `PLACES=(${outline.columns.map(shellQuote).join(' ')})`,
    '# Step, place, and what has to be done at other places before it.',
    'PLAN=(',
    ...rows(prepared).map((row) => `  ${shellQuote(row)}`),
    ')',
    'declare -A TITLE RISK PATIENCE REBOOTS SECRETS HELP',
    ...helpOf(prepared, new Set(wanted.map(({ name }) => name))),
    `PROBLEMS=(${outline.problems.map(shellQuote).join(' ')})`,
    '',
    ...steps.filter(({ id }) => prepared.columns(id).length > 0).flatMap((step) => stepFunctions(prepared, step, material.templates, values.byStep)),
    rule('Carrying it out'),
    material.frame.trim(),
    '',
    'main "$@"',
    '',
  ].join('\n');
}

/** `kubeadm-join gpu-1 kubeadm-init@cp-1`, in the order in which they are done. Of the needs at another place only the last is named: there too one comes after the other. */
function rows(prepared: Prepared): readonly string[] {
  const order = new Map(prepared.steps.map(({ id }, index) => [id, index]));
  return prepared.steps.flatMap(({ id }) =>
    prepared.columns(id).map((place) => {
      const last = new Map<string, string>();
      for (const need of prepared.needsOf(id, place)) {
        const known = last.get(need.column);
        if (need.column !== place && (known === undefined || (order.get(need.step) ?? 0) > (order.get(known) ?? 0))) last.set(need.column, need.step);
      }
      return [id, place, ...[...last].map(([column, step]) => `${step}@${column}`)].join(' ');
    }),
  );
}

function helpOf({ outline }: Prepared, names: ReadonlySet<string>): readonly string[] {
  return outline.variables.filter(({ name }) => names.has(name)).map(({ name, title }) => `HELP[${name}]=${shellQuote(title)}`);
}

function rule(title: string): string {
  return `# ── ${title} ${'─'.repeat(Math.max(3, 100 - title.length))}`;
}
