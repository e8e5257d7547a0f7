# Carries out a whole plan by hand. Stands after the prelude and the plan: the arrays setup_places and setup_plan (`step place need@place...`, in order); by step setup_title, setup_risk, setup_patience (seconds), setup_reboots, and the
# names of secrets: setup_secrets (that it needs) and setup_looks (of those, to be looked at); setup_help by secret; setup_problems (why nothing can be done); setup_cluster, setup_script (how this is called), setup_lock,
# setup_boot_id and setup_seat (here: kubectl runs where this does; else first-control-plane). Functions: `setup_at PLACE` sets what differs there; `<step>_check`, and where there are such `<step>_values`, `_files`, `_apply`, `_verify` and
# `_undo`, with underscores for the hyphens of the step. YES, OVERWRITE and CONFIRM come from the environment. Steps have functions and variables of their own, so none of these here has a name that a step could have.
set -euo pipefail

# give NAME VALUE: steps tell secrets for other hosts with it. Here they are kept in a file for the owner alone.
give() {
  install -d -m 700 "$STATE/given"
  (umask 077 && printf '%s' "$2" >"$STATE/given/$1")
  say "$1 is kept in $STATE/given/$1: the hosts that need it ask for it, or take it from the environment"
}

setup_stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}
# setup_elsewhere WORDS: nothing is wrong, it goes on at another place or after a reboot.
setup_elsewhere() {
  printf '\n%s\n' "$*" >&2
  exit 3
}

# setup_sure QUESTION: yes or no. Without a terminal only YES=yes is yes.
setup_sure() {
  local answer
  if [ "$YES" = yes ]; then return 0; fi
  [ -t 0 ] || return 1
  read -r -p "$1 [y/N] " answer
  case $answer in y | Y | yes) return 0 ;; *) return 1 ;; esac
}

# setup_ask_secrets STEP NAME...: from the environment, from what an earlier step made here, else typed without being shown.
setup_ask_secrets() {
  local step=$1 name value
  shift
  for name in "$@"; do
    if [ -n "${!name:-}" ]; then continue; fi
    if setup_is_fresh "$name"; then
      value=$(cat "$STATE/given/$name")
    else
      [ -t 0 ] || setup_stop "$step needs $name (${setup_help[$name]}): give it in the environment"
      read -r -s -p "  $name (${setup_help[$name]}): " value
      printf '\n'
    fi
    [ -n "$value" ] || setup_stop "$step cannot be done without $name"
    printf -v "$name" '%s' "$value"
  done
}
# setup_is_fresh NAME: a step made it here within the hour; older ones are made anew.
setup_is_fresh() { [ -n "$(find "$STATE/given/$1" -mmin -60 2>/dev/null)" ]; }

# setup_phase STEP PHASE: in a shell of its own, which its first error ends. setup_code is its exit code.
setup_phase() {
  STEP=$1
  FILES=$setup_work/$1
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
  setup_code=$?
  set -e
}
# setup_fill FILE SECRET: puts it in the place of its marks; between double quotes, escaped.
setup_fill() {
  local text value=${!2} escaped
  escaped=${value//\\/\\\\}
  escaped=${escaped//\"/\\\"}
  text=$(cat "$1" && printf .)
  text=${text//"@@secret in quotes: $2@@"/"$escaped"}
  text=${text//"@@secret: $2@@"/"$value"}
  printf '%s' "${text%.}" >"$1"
}
setup_has() { declare -F "${1//-/_}_$2" >/dev/null; }

# setup_look STEP PHASE: what a check or a verification says is kept in $setup_work/said; setup_reason is its last line.
setup_look() {
  local names
  read -r -a names <<<"${setup_looks[$1]:-}"
  setup_ask_secrets "$1" "${names[@]}"
  setup_phase "$1" "$2" >"$setup_work/said" 2>&1
  setup_reason=$(tail -n 1 "$setup_work/said")
  # What was done once, and is not any more, was undone by somebody.
  if [ "$2" = check ] && [ "$setup_place" != cluster ] && grep -s '^done ' "$STATE/steps/$1" >/dev/null; then
    case $setup_code in 0 | 80 | 81 | 82 | 127) ;; *) setup_code=80 ;; esac
  fi
}
setup_show_said() { sed -e 's/^/      /' "$setup_work/said"; }

# setup_do_step STEP NEED...: looks, does it where it is not done, and looks again until it is.
setup_do_step() {
  local step=$1 code names
  shift
  read -r -a names <<<"${setup_secrets[$step]:-}"
  printf '\n%s  %s\n' "$step" "${setup_title[$step]}"
  setup_look "$step" check
  code=$setup_code
  case $code in
    0)
      say '  ✓ done already'
      return
      ;;
    81)
      say "  · not applicable: $setup_reason"
      return
      ;;
    82 | 127) setup_stop "$step: it cannot be seen whether it is done: $setup_reason. --skip $step goes on without it" ;;
  esac
  if [ -e "$STATE/reboot/$step" ]; then
    setup_after_reboot "$step"
    return
  fi
  if [ "$code" -eq 80 ]; then say "  ! drifted: $setup_reason"; else say "  → to be done: ${setup_reason:-it is not there}"; fi
  setup_show_said
  if setup_has "$step" apply; then :; else setup_stop "$step only reports: mend that, and run this again. --skip $step goes on as it is"; fi
  setup_wait_for_others "$step" "$@"
  setup_confirm "$step"
  setup_ask_secrets "$step" "${names[@]}"
  setup_phase "$step" apply
  case $setup_code in
    0) ;;
    83) setup_stop "$step: OVERWRITE=yes writes over what was edited by hand" ;;
    *) setup_stop "$step failed (exit code $setup_code). Mend what it says above, and run this again: what is done is not done twice" ;;
  esac
  setup_note begun "$step"
  if [ "${setup_reboots[$step]:-no}" = yes ]; then
    install -d -m 700 "$STATE/reboot"
    cat "$setup_boot_id" >"$STATE/reboot/$step"
    setup_elsewhere "$step takes effect at the next boot of $setup_place: drain it where it runs pods (kubectl drain $setup_place --ignore-daemonsets --delete-emptydir-data), reboot, and run this again"
  fi
  setup_await "$step"
  setup_note 'done' "$step"
}

# setup_await STEP: asks whether it is done for as long as it may take.
setup_await() {
  local deadline=$((SECONDS + ${setup_patience[$1]:-0})) asked=check
  if setup_has "$1" verify; then asked=verify; fi
  setup_look "$1" "$asked"
  while [ "$setup_code" -ne 0 ] && [ "$SECONDS" -lt "$deadline" ]; do
    say "  · waiting: $setup_reason"
    sleep 5
    setup_look "$1" "$asked"
  done
  if [ "$setup_code" -eq 0 ]; then
    say '  ✓ done'
    return
  fi
  setup_show_said
  setup_stop "$1 was carried out, and is not done: ${setup_reason:-its verification fails}"
}

# setup_after_reboot STEP: it was carried out, and is done once the host has booted.
setup_after_reboot() {
  if [ "$(cat "$STATE/reboot/$1")" = "$(cat "$setup_boot_id")" ]; then setup_elsewhere "$setup_place has not been rebooted since $1 was carried out: reboot, and run this again"; fi
  setup_await "$1"
  rm -f "$STATE/reboot/$1"
  setup_note 'done' "$1"
}

# setup_wait_for_others STEP NEED@PLACE...: what has to be done at another place first. That cannot be seen from here, so it is asked once.
setup_wait_for_others() {
  local step=$1 need
  shift
  for need in "$@"; do
    case " $setup_here $setup_sure " in *" ${need#*@} "* | *" $need "*) continue ;; esac
    setup_sure "  Is ${need%@*} done on ${need#*@}?" || setup_elsewhere "$step needs ${need%@*} on ${need#*@} first: run bash $setup_script ${need#*@} there, then this again (YES=yes: it is done there)"
    setup_sure="$setup_sure $need"
  done
}

# setup_confirm STEP: what is lost does not come back.
setup_confirm() {
  local typed=${CONFIRM:-}
  if [ "${setup_risk[$1]}" != destructive ] || [ "$typed" = "$setup_cluster" ]; then return; fi
  if [ -t 0 ]; then read -r -p "  What $1 removes does not come back. Type the name of the cluster to go on: " typed; fi
  [ "$typed" = "$setup_cluster" ] || setup_stop "$1 was not confirmed: CONFIRM=$setup_cluster does it"
}

# setup_note WHAT STEP: as gpuk8s-tui notes it, which then knows a step that was undone by somebody.
setup_note() {
  if [ "$setup_place" = cluster ]; then return; fi
  install -d -m 755 "$STATE/steps"
  printf '%s %s by hand\n' "$1" "$(id -un)" >"$STATE/steps/$2"
}

setup_undo_step() {
  local names
  read -r -a names <<<"${setup_secrets[$1]:-}"
  setup_has "$1" undo || setup_stop "$1 cannot be taken back by this script"
  setup_confirm "$1"
  setup_ask_secrets "$1" "${names[@]}"
  setup_phase "$1" undo
  [ "$setup_code" -eq 0 ] || setup_stop "$1 could not be taken back (exit code $setup_code)"
  rm -f "$STATE/steps/$1" "$STATE/reboot/$1"
  say "$1 was taken back on $setup_place"
}

setup_check_step() {
  setup_look "$1" check
  case $setup_code in
    0) say "✓ $1" ;;
    80) say "! $1: drifted: $setup_reason" ;;
    81) say "· $1: not applicable: $setup_reason" ;;
    82 | 127) say "? $1: unknown: $setup_reason" ;;
    *) say "✗ $1: missing${setup_reason:+: $setup_reason}" ;;
  esac
}

# setup_on_the_right_machine: nothing is done where it was not meant.
setup_on_the_right_machine() {
  local names
  if [ "$setup_place" = cluster ]; then
    have kubectl || say 'kubectl is not here yet'
    return
  fi
  [ "$(id -u)" -eq 0 ] || setup_stop "run this as root on $setup_place"
  names=" $(hostname) $(hostname -s) $(hostname -f 2>/dev/null) $(hostname -I) "
  case $names in *" $NODE_NAME "* | *" $NODE_ADDRESS "*) return ;; esac
  setup_sure "This machine is called $(hostname) and has the addresses $(hostname -I): is it $setup_place?" || setup_stop "this machine is not $setup_place (YES=yes: it is)"
}

# setup_alone: one at a time on a machine, gpuk8s-tui among them.
setup_alone() {
  if [ "$setup_place" = cluster ]; then return; fi
  mkdir -p "$(dirname "$setup_lock")"
  exec 9<>"$setup_lock"
  flock -n 9 || setup_stop "somebody is at work on this machine: $(head -n 1 "$setup_lock")"
  printf '%s, by hand\n' "$(id -un)" >"$setup_lock"
}

setup_go_to() {
  setup_place=$1
  case " ${setup_places[*]} " in *" $1 "*) ;; *) setup_stop "there is no $1 in this plan: there are ${setup_places[*]}" ;; esac
  STATE=/var/lib/gpuk8s-tui BACKUPS=/var/backups/gpuk8s
  if [ "$1" = cluster ] && [ "$setup_seat" = here ]; then
    STATE=$HOME/.local/state/gpuk8s-tui/setup
    BACKUPS=$STATE/backups
  elif [ "$1" = cluster ]; then
    export KUBECONFIG=/etc/kubernetes/admin.conf
  fi
  setup_at "$1"
}

setup_list() {
  local place row step rest
  for place in "${setup_places[@]}"; do
    printf '\n%s\n' "$place"
    for row in "${setup_plan[@]}"; do
      step=${row%% *}
      rest=${row#* }
      if [ "${rest%% *}" = "$place" ]; then printf '  %-28s %-13s %s\n' "$step" "${setup_risk[$step]}" "${setup_title[$step]}"; fi
    done
  done
  printf '\nNothing was changed: bash %s PLACE does it there.\n' "$setup_script"
}

setup_usage() { setup_stop "bash $setup_script [--check | --only STEP | --undo STEP] [--skip STEP]... [PLACE...]"; }

setup_main() {
  local row step rest place only='' skipped=' ' what=setup_do_step
  local places=() needs=()
  while [ "$#" -gt 0 ]; do
    case $1 in
      --check) what=setup_check_step ;;
      --only | --undo | --skip)
        [ "$#" -gt 1 ] || setup_usage
        [ -n "${setup_title[$2]:-}" ] || setup_stop "there is no step $2 in this plan"
        case $1 in --skip) skipped="$skipped$2 " ;; --undo) what=setup_undo_step only=$2 ;; *) only=$2 ;; esac
        shift
        ;;
      -*) setup_usage ;;
      *) places+=("$1") ;;
    esac
    shift
  done
  if [ "${#places[@]}" -eq 0 ]; then
    if [ "$what" != setup_do_step ] || [ -n "$only" ]; then setup_usage; fi
    setup_list
    return
  fi
  if [ "${#setup_problems[@]}" -gt 0 ]; then setup_stop "it cannot be done as it is:$(printf '\n- %s' "${setup_problems[@]}")"; fi
  setup_work=$(umask 077 && mktemp -d)
  trap 'rm -rf "$setup_work"' EXIT
  setup_here=" ${places[*]} " setup_sure=''
  for place in "${places[@]}"; do
    setup_go_to "$place"
    setup_on_the_right_machine
    if [ "$what" != setup_check_step ]; then setup_alone; fi
  done
  for row in "${setup_plan[@]}"; do
    step=${row%% *}
    rest=${row#* }
    place=${rest%% *}
    case "$setup_here" in *" $place "*) ;; *) continue ;; esac
    case "$skipped" in *" $step "*) continue ;; esac
    if [ -n "$only" ] && [ "$step" != "$only" ]; then continue; fi
    setup_go_to "$place"
    if [ "$what" = setup_do_step ]; then
      read -r -a needs <<<"${rest#"$place"}"
      setup_do_step "$step" "${needs[@]}"
    else
      "$what" "$step"
    fi
  done
  if [ "$what" = setup_do_step ]; then printf '\nAll done here.\n'; fi
}
