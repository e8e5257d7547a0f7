import { shellQuote } from '../hosts/shell-quote.js';
import type { StepSpec } from './playbook.js';
import { assigned, checkedFile, fileLines, lookingMs, type RenderedFile, type ScriptSeat, scriptOf, seatValues, usedValues } from './step-script.js';

export interface CheckScriptOptions {
  readonly checks: readonly { readonly step: StepSpec; readonly values: Readonly<Record<string, string>>; readonly files: readonly RenderedFile[] }[];
  readonly prelude: string;
  readonly seat: ScriptSeat;
  /** How many of them at once. */
  readonly atOnce?: number;
}

/**
 * The checks of many steps as one text for `bash -s`, so that a host is asked once. Each is a program of its own: one that hangs or is no bash spoils no other. Tells `##gpuk8s checked INDEX EXIT MARK OUTPUT` of each as it ends, the
 * output as base64, and `##gpuk8s unanswered WHY` where no API server answers.
 */
export function checkScript({ checks, prelude, seat, atOnce = 4 }: CheckScriptOptions): string {
  return [
    '# shellcheck shell=bash disable=SC2034,SC2016,SC2317',
    `LIMIT=${Math.ceil(lookingMs / 1000)} AT_ONCE=${atOnce} MARKS=${seat.marks} STATE=${shellQuote(seat.state)} KUBE_CONTEXT=${shellQuote(seat.kubeContext)}`,
    ...(seat.kubeconfig === null ? [] : [`export KUBECONFIG=${shellQuote(seat.kubeconfig)}`]),
    `ids=(${checks.map(({ step }) => shellQuote(step.id)).join(' ')})`,
    'check_files() {',
    ...fileLines('$WORK/prelude', prelude),
    ...checks.flatMap(({ step, values, files }, index) => [
      ...fileLines(`$WORK/${index}.sh`, oneCheck(step, values, prelude, seat, index)),
      `mkdir "$WORK/${index}"`,
      ...files.map(checkedFile).flatMap(({ name, text }) => fileLines(`$WORK/${index}/${name}`, text)),
    ]),
    '}',
    checkFrame,
    '{ start; exit; }',
    '',
  ].join('\n');
}

function oneCheck(step: StepSpec, values: Readonly<Record<string, string>>, prelude: string, seat: ScriptSeat, index: number): string {
  const body = scriptOf(step, 'check');
  return [
    '. "$WORK/prelude"',
    ...(seat.kubeconfig === null ? [] : [`export KUBECONFIG=${shellQuote(seat.kubeconfig)}`]),
    ...assigned({ STEP: step.id, OVERWRITE: 'no', ...seatValues(seat) }),
    `FILES=$WORK/${index}`,
    ...assigned(usedValues(`${prelude}\n${body}`, values)),
    'step_phase() {',
    body,
    '}',
    'set -euo pipefail',
    'step_phase',
    '',
  ].join('\n');
}

const checkFrame = `
tell() { printf '##gpuk8s %s\\n' "$*" >&8; }

cluster() { command kubectl --request-timeout=10s \${KUBE_CONTEXT:+--context "$KUBE_CONTEXT"} "$@"; }

# marks: which steps of the cluster were done once from here, as "STEP WORDS"; nothing that is asked of it can be known without an answer.
marks() {
  local said
  : >"$WORK/marks"
  [ "$MARKS" = cluster ] || return 0
  if ! type -P kubectl >/dev/null; then
    said='kubectl is not installed here, and without it the cluster cannot be asked'
  elif said=$(cluster get --raw /version 2>&1); then
    said=''
  else
    said="the cluster does not answer: \${said##*$'\\n'}"
  fi
  if [ -n "$said" ]; then
    tell "unanswered $(printf '%s' "$said" | base64 -w 0)"
    LIMIT=5
    return 0
  fi
  cluster -n kube-system get configmap gpuk8s-tui -o 'go-template={{range $step, $words := .data}}{{$step}} {{$words}}{{"\\n"}}{{end}}' >"$WORK/marks" 2>/dev/null || true
}
marked() {
  if [ "$MARKS" = cluster ]; then
    awk -v step="$1" '$1 == step { print $2; exit }' "$WORK/marks"
  elif [ -e "$STATE/steps/$1" ]; then
    cut -d ' ' -f 1 "$STATE/steps/$1"
  fi
}

look() {
  timeout -k 5 "$LIMIT" bash "$WORK/$1.sh" >"$WORK/$1.out" 2>&1 </dev/null
  printf '%s\\n' "$?" >"$WORK/$1.rc"
  mv "$WORK/$1.rc" "$WORK/$1.ended"
}

report() {
  local ended index mark
  for ended in "$WORK"/*.ended; do
    [ -e "$ended" ] || continue
    index=\${ended##*/}
    index=\${index%.ended}
    mark=$(marked "\${ids[$index]}")
    tell "checked $index $(cat "$ended") \${mark:-none} $(tail -c 65536 "$WORK/$index.out" | base64 -w 0)"
    rm "$ended" "$WORK/$index.out"
  done
}

start() {
  local index running=0
  exec 8>&1 </dev/null
  umask 077
  WORK=$(mktemp -d) || exit 85
  export WORK
  # A child that is ended before it has taken leave of our traps would run this one too.
  local owner=$BASHPID
  trap '[ "$BASHPID" != "'"$owner"'" ] || rm -rf "$WORK"' EXIT
  check_files
  marks
  for index in "\${!ids[@]}"; do
    if [ "$running" -ge "$AT_ONCE" ]; then
      wait -n
      running=$((running - 1))
      report
    fi
    look "$index" 8>&- &
    running=$((running + 1))
  done
  while [ "$running" -gt 0 ]; do
    wait -n
    running=$((running - 1))
    report
  done
}
`.trim();
