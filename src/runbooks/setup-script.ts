import type { Prepared } from './outline.js';
import { header, type ScriptMaterial } from './setup-script-header.js';
import { stepFunctions } from './setup-script-steps.js';
import { assignment, assignments, data, quoted, secretsOf, spread } from './setup-script-values.js';
import { hostSeat } from './step-script.js';

/**
 * The whole plan as one bash script that a person can read, carry to each host and run by hand: values, templates and each step's commands stand in it as they are, and it looks before it does anything. Secrets are not in it. Where the
 * plan contradicts itself the script says so and does nothing.
 */
export function setupScript(prepared: Prepared, material: ScriptMaterial): string {
  const { outline, steps } = prepared;
  const values = spread(prepared, material.prelude);
  const secrets = [...new Set(steps.flatMap((step) => secretsOf(prepared, step)))].sort();
  return [
    ...header(prepared, material),
    '# To shellcheck: functions are called by the names of their steps (SC2317, SC2329), each phase is a shell of its own (SC2030,',
    "# SC2031, SC2100), values are there whether or not a step needs them (SC2034), /etc/os-release is each host's own (SC1091).",
    '# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2100,SC2317,SC2329',
    'set -euo pipefail',
    'setup_script=$(basename "$0")',
    `: "\${YES:=no}" "\${OVERWRITE:=no}"`,
    '',
    rule('Values'),
    '# The files below were made with them: to change one, have the script written anew.',
    ...assignments({ setup_cluster: material.cluster, setup_seat: outline.choice.seat, setup_lock: hostSeat.lock, setup_boot_id: hostSeat.bootId }),
    ...assignments(values.everywhere),
    ...secrets.map((name) => `: "\${${name}:=}" # a secret: from the environment, else asked for`),
    '',
    '# setup_at PLACE: what differs from place to place.',
    'setup_at() {',
    '  case $1 in',
    ...outline.columns.flatMap((place) => [
      `    ${quoted(place)})`,
      ...assignments(values.byPlace.get(place) ?? {}).map((text) => `      ${text}`),
      '      ;;',
    ]),
    '  esac',
    '}',
    '',
    rule('What steps are written with'),
    material.prelude.trim(),
    '',
    rule('The plan'),
    `setup_places=(${outline.columns.map(quoted).join(' ')})`,
    '# Step, place, and what has to be done at other places before it.',
    'setup_plan=(',
    ...rows(prepared).map((row) => `  ${quoted(row)}`),
    ')',
    'declare -A setup_title setup_risk setup_patience setup_reboots setup_secrets setup_looks setup_help',
    ...secrets.flatMap((name) => assignment(`setup_help[${name}]`, helpOf(name, prepared))),
    ...data(`setup_problems=(${outline.problems.map(quoted).join(' ')})`),
    '',
    ...steps.flatMap((step) => stepFunctions(prepared, step, material.templates, values.byStep)),
    rule('Carrying it out'),
    material.frame.trim(),
    '',
    'setup_main "$@"',
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

/** What a secret is, or who makes it. */
function helpOf(name: string, { outline, steps, columns }: Prepared): string {
  const giver = steps.find(({ gives }) => gives.includes(name));
  if (giver !== undefined) return `made by ${giver.id} on ${columns(giver.id).join(', ')}`;
  return outline.variables.find((variable) => variable.name === name)?.title ?? name;
}

function rule(title: string): string {
  return `# ── ${title} ${'─'.repeat(Math.max(3, 100 - title.length))}`;
}
