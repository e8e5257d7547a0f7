# Carries out a whole plan by hand. Sourced or pasted after the prelude and the plan: the arrays PLACES (names), PLAN (`step place need@place...`, in order), TITLE, RISK, PATIENCE, REBOOTS and SECRETS (by step), HELP (by secret), PROBLEMS (why
# nothing can be done), the functions `at PLACE`, which sets what differs there, and `<step>_check`, and where there are such `<step>_values`, `_files`, `_apply`, `_verify` and `_undo`, with underscores for the hyphens of the step; and
# CLUSTER, SCRIPT (how it is called), YES, LOCK, BOOT_ID and SEAT (here: kubectl runs where this does; else first-control-plane).

# give NAME VALUE: steps tell secrets for other hosts with it. Here they are kept in a file for the owner alone.
give() {
  install -d -m 700 "$STATE/given"
  (umask 077 && printf '%s' "$2" >"$STATE/given/$1")
  say "$1 is kept in $STATE/given/$1: the hosts that need it ask for it, or take it from their environment"
}

stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}
# elsewhere WORDS: nothing is wrong, it goes on at another place or after a reboot.
elsewhere() {
  printf '\n%s\n' "$*" >&2
  exit 3
}

# sure QUESTION: yes or no. Without a terminal only YES=yes is yes.
sure() {
  local answer
  if [ "$YES" = yes ]; then return 0; fi
  [ -t 0 ] || return 1
  read -r -p "$1 [y/N] " answer
  case $answer in y | Y | yes) return 0 ;; *) return 1 ;; esac
}

# ask_secrets STEP: from the environment, from what an earlier step made here, else typed without being shown.
ask_secrets() {
  local name value
  for name in ${SECRETS[$1]:-}; do
    if [ -n "${!name:-}" ]; then continue; fi
    if [ -e "$STATE/given/$name" ]; then
      value=$(cat "$STATE/given/$name")
    else
      [ -t 0 ] || stop "$1 needs $name (${HELP[$name]}): give it in the environment"
      read -r -s -p "$name (${HELP[$name]}): " value
      printf '\n'
    fi
    [ -n "$value" ] || stop "$1 cannot be done without $name"
    printf -v "$name" '%s' "$value"
  done
}

# phase STEP PHASE: in a shell of its own, which its first error ends. CODE is its exit code.
phase() {
  STEP=$1
  FILES=$WORK/$1
  mkdir -p "$FILES"
  local name=${1//-/_}
  if declare -F "${name}_values" >/dev/null; then "${name}_values"; fi
  if declare -F "${name}_files" >/dev/null; then "${name}_files"; fi
  # Where a function is a condition, its errors would not end it.
  set +e
  (
    set -euo pipefail
    "${name}_$2"
  ) </dev/null 9>&-
  CODE=$?
  set -e
}
# fill FILE SECRET: puts it in the place of its marks; between double quotes, escaped.
fill() {
  local text value=${!2} escaped
  escaped=${value//\\/\\\\}
  escaped=${escaped//\"/\\\"}
  text=$(cat "$1" && printf .)
  text=${text//"@@secret in quotes: $2@@"/"$escaped"}
  text=${text//"@@secret: $2@@"/"$value"}
  printf '%s' "${text%.}" >"$1"
}
has() { declare -F "${1//-/_}_$2" >/dev/null; }

# look STEP PHASE: what a check or a verification says is kept in $WORK/said; REASON is its last line.
look() {
  phase "$1" "$2" >"$WORK/said" 2>&1
  REASON=$(tail -n 1 "$WORK/said")
}
show_said() { sed -e 's/^/      /' "$WORK/said"; }

# do_step STEP NEED...: looks, does it where it is not done, and looks again until it is.
do_step() {
  local step=$1 code
  shift
  printf '\n%s  %s\n' "$step" "${TITLE[$step]}"
  look "$step" check
  code=$CODE
  case $code in
    0) say '  ✓ done already' && return ;;
    81) say "  · not applicable: $REASON" && return ;;
    82 | 127) stop "$step: it cannot be seen whether it is done: $REASON. --skip $step goes on without it" ;;
  esac
  if [ -e "$STATE/reboot/$step" ]; then
    after_reboot "$step"
    return
  fi
  if [ "$code" -eq 80 ]; then say "  ! drifted: $REASON"; else say "  → to be done: ${REASON:-it is not there}"; fi
  show_said
  if has "$step" apply; then :; else stop "$step only reports: mend that, and run this again. --skip $step goes on as it is"; fi
  wait_for_others "$step" "$@"
  confirm "$step"
  ask_secrets "$step"
  phase "$step" apply
  case $CODE in
    0) ;;
    83) stop "$step: OVERWRITE=yes writes over what was edited by hand" ;;
    *) stop "$step failed (exit code $CODE). Mend what it says above, and run this again: what is done is not done twice" ;;
  esac
  note begun "$step"
  if [ "${REBOOTS[$step]:-no}" = yes ]; then
    install -d -m 700 "$STATE/reboot"
    cat "$BOOT_ID" >"$STATE/reboot/$step"
    elsewhere "$step takes effect at the next boot of $PLACE: drain it where it runs pods (kubectl drain $PLACE --ignore-daemonsets --delete-emptydir-data), reboot, and run this again"
  fi
  await "$step"
  note 'done' "$step"
}

# await STEP: asks whether it is done for as long as it may take.
await() {
  local deadline=$((SECONDS + ${PATIENCE[$1]:-0})) asked=check
  if has "$1" verify; then asked=verify; fi
  look "$1" "$asked"
  while [ "$CODE" -ne 0 ] && [ "$SECONDS" -lt "$deadline" ]; do
    say "  · waiting: $REASON"
    sleep 5
    look "$1" "$asked"
  done
  if [ "$CODE" -eq 0 ]; then
    say '  ✓ done'
    return
  fi
  show_said
  stop "$1 was carried out, and is not done: ${REASON:-its verification fails}"
}

# after_reboot STEP: it was carried out, and is done once the host has booted.
after_reboot() {
  if [ "$(cat "$STATE/reboot/$1")" = "$(cat "$BOOT_ID")" ]; then elsewhere "$PLACE has not been rebooted since $1 was carried out: reboot, and run this again"; fi
  ask_secrets "$1"
  await "$1"
  rm -f "$STATE/reboot/$1"
  note 'done' "$1"
}

# wait_for_others STEP NEED@PLACE...: what has to be done at another place first. That cannot be seen from here, so it is asked once.
wait_for_others() {
  local step=$1 need
  shift
  for need in "$@"; do
    case " $HERE $SURE " in *" ${need#*@} "* | *" $need "*) continue ;; esac
    sure "  Is ${need%@*} done on ${need#*@}?" || elsewhere "$step needs ${need%@*} on ${need#*@} first: run bash $SCRIPT ${need#*@} there, then this again (YES=yes: it is done there)"
    SURE="$SURE $need"
  done
}

# confirm STEP: what is lost does not come back.
confirm() {
  local typed=${CONFIRM:-}
  if [ "${RISK[$1]}" != destructive ] || [ "$typed" = "$CLUSTER" ]; then return; fi
  if [ -t 0 ]; then read -r -p "  What $1 removes does not come back. Type the name of the cluster to go on: " typed; fi
  [ "$typed" = "$CLUSTER" ] || stop "$1 was not confirmed: CONFIRM=$CLUSTER does it"
}

# note WHAT STEP: as gpuk8s-tui notes it, which then knows a step that was undone by somebody.
note() {
  if [ "$PLACE" = cluster ]; then return; fi
  install -d -m 755 "$STATE/steps"
  printf '%s %s by hand\n' "$1" "$(id -un)" >"$STATE/steps/$2"
}

undo_step() {
  has "$1" undo || stop "$1 cannot be taken back by this script"
  confirm "$1"
  ask_secrets "$1"
  phase "$1" undo
  [ "$CODE" -eq 0 ] || stop "$1 could not be taken back (exit code $CODE)"
  rm -f "$STATE/steps/$1" "$STATE/reboot/$1"
  say "$1 was taken back on $PLACE"
}

check_step() {
  look "$1" check
  case $CODE in
    0) say "✓ $1" ;;
    80) say "! $1: drifted: $REASON" ;;
    81) say "· $1: not applicable: $REASON" ;;
    82 | 127) say "? $1: unknown: $REASON" ;;
    *) say "✗ $1: missing${REASON:+: $REASON}" ;;
  esac
}

# on_the_right_machine: nothing is done where it was not meant.
on_the_right_machine() {
  local names
  if [ "$PLACE" = cluster ]; then
    have kubectl || say 'kubectl is not here yet'
    return
  fi
  [ "$(id -u)" -eq 0 ] || stop "run this as root on $PLACE"
  names=" $(hostname) $(hostname -s) $(hostname -f 2>/dev/null) $(hostname -I) "
  case $names in *" $NODE_NAME "* | *" $NODE_ADDRESS "*) return ;; esac
  sure "This machine is called $(hostname) and has the addresses $(hostname -I): is it $PLACE?" || stop "this machine is not $PLACE (YES=yes: it is)"
}

# alone: one at a time on a machine, gpuk8s-tui among them.
alone() {
  if [ "$PLACE" = cluster ]; then return; fi
  mkdir -p "$(dirname "$LOCK")"
  exec 9<>"$LOCK"
  flock -n 9 || stop "somebody is at work on this machine: $(head -n 1 "$LOCK")"
  printf '%s, by hand\n' "$(id -un)" >"$LOCK"
}

go_to() {
  PLACE=$1
  case " ${PLACES[*]} " in *" $1 "*) ;; *) stop "there is no $1 in this plan: there are ${PLACES[*]}" ;; esac
  STATE=/var/lib/gpuk8s-tui BACKUPS=/var/backups/gpuk8s
  if [ "$1" = cluster ] && [ "$SEAT" = here ]; then
    STATE=$HOME/.local/state/gpuk8s-tui/setup
    BACKUPS=$STATE/backups
  elif [ "$1" = cluster ]; then
    export KUBECONFIG=/etc/kubernetes/admin.conf
  fi
  at "$1"
}

list() {
  local place row step rest
  for place in "${PLACES[@]}"; do
    printf '\n%s\n' "$place"
    for row in "${PLAN[@]}"; do
      step=${row%% *}
      rest=${row#* }
      if [ "${rest%% *}" = "$place" ]; then printf '  %-28s %-13s %s\n' "$step" "${RISK[$step]}" "${TITLE[$step]}"; fi
    done
  done
  printf '\nNothing was changed: bash %s PLACE does it there.\n' "$SCRIPT"
}

usage() { stop "bash $SCRIPT [--check | --only STEP | --undo STEP] [--skip STEP]... [PLACE...]"; }

main() {
  local row step rest place only='' skipped=' ' what=do_step
  local places=() needs=()
  while [ "$#" -gt 0 ]; do
    case $1 in
      --check) what=check_step ;;
      --only | --undo | --skip)
        [ "$#" -gt 1 ] || usage
        [ -n "${TITLE[$2]:-}" ] || stop "there is no step $2 in this plan"
        case $1 in --skip) skipped="$skipped$2 " ;; --undo) what=undo_step only=$2 ;; *) only=$2 ;; esac
        shift
        ;;
      -*) usage ;;
      *) places+=("$1") ;;
    esac
    shift
  done
  if [ "${#places[@]}" -eq 0 ]; then
    if [ "$what" != do_step ] || [ -n "$only" ]; then usage; fi
    list
    return
  fi
  if [ "${#PROBLEMS[@]}" -gt 0 ]; then stop "it cannot be done as it is:$(printf '\n- %s' "${PROBLEMS[@]}")"; fi
  WORK=$(umask 077 && mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  HERE=" ${places[*]} " SURE=''
  for place in "${places[@]}"; do
    go_to "$place"
    on_the_right_machine
    if [ "$what" != check_step ]; then alone; fi
  done
  for row in "${PLAN[@]}"; do
    step=${row%% *}
    rest=${row#* }
    place=${rest%% *}
    case "$HERE" in *" $place "*) ;; *) continue ;; esac
    case "$skipped" in *" $step "*) continue ;; esac
    if [ -n "$only" ] && [ "$step" != "$only" ]; then continue; fi
    go_to "$place"
    if [ "$what" = do_step ]; then
      read -r -a needs <<<"${rest#"$place"}"
      do_step "$step" "${needs[@]}"
    else
      "$what" "$step"
    fi
  done
  if [ "$what" = do_step ]; then printf '\nAll done here.\n'; fi
}
