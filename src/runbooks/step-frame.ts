import { stepLease } from './step-lease.js';

/**
 * Bash around the phases of a step: the lock of the machine, the time limit, the log, the marks, and `##gpuk8s` lines that tell what the step's own words do not. Expects the prelude and these variables: FRAME_PHASE, FRAME_LIMIT (seconds),
 * FRAME_HOLDER (who does it), those of leaseValues, FRAME_LOCK, FRAME_LOGS, FRAME_BOOT_ID (files and folders), FRAME_MARKS (host | cluster), FRAME_LOCKED and FRAME_REBOOTS (yes | no), FRAME_MARK_BEGUN, FRAME_MARK_DONE and FRAME_MARK_NONE (JSON patches), and the functions step_files and step_phase.
 */
export const stepFrame = String.raw`
${stepLease}

# tell WORDS: a line for the program that started this. Where nobody listens any more, the step goes on all the same.
tell() { (trap '' PIPE; printf '##gpuk8s %s\n' "$*" >&8) 2>/dev/null || true; }

# hold: nobody else is at work on this machine meanwhile. Descriptor 9 is the lock; what the step starts does not get it.
hold() {
  mkdir -p "$(dirname "$FRAME_LOCK")" || true
  if ! { exec 9<>"$FRAME_LOCK"; }; then
    tell "broken $(printf 'cannot take the lock %s' "$FRAME_LOCK" | base64 -w 0)"
    exit 85
  fi
  if ! flock -n 9; then
    tell "held $(head -c 300 "$FRAME_LOCK" | base64 -w 0)"
    exit 84
  fi
  printf '%s\n' "$FRAME_HOLDER, step $STEP" >"$FRAME_LOCK"
  if [ -n "$FRAME_LEASE" ]; then take_lease; fi
}

# within SECONDS COMMAND...: in a process group of its own, ended with all that it started when its time is over.
within() {
  local limit=$1 job watch status
  shift
  set -m
  ("$@") 2>&1 8>&- 9>&- &
  job=$!
  (
    sleep "$limit"
    : >"$WORK/late"
    kill -TERM -- "-$job"
    sleep 10
    kill -KILL -- "-$job"
  ) >/dev/null 2>&1 8>&- 9>&- &
  watch=$!
  disown "$watch"
  set +m
  wait "$job" 2>/dev/null
  status=$?
  kill -TERM -- "-$watch" 2>/dev/null
  if [ -e "$WORK/late" ]; then return 124; fi
  return "$status"
}

strictly() {
  trap - EXIT
  set -euo pipefail
  step_phase
}

# logged: what the phase says goes to its log on this machine too, without secrets, and goes on when the connection does not.
logged() {
  local status writer tries=0
  mkdir -p "$FRAME_LOGS" && chmod 700 "$FRAME_LOGS"
  (umask 077; : >"$FRAME_LOGS/$STEP.log")
  mkfifo "$WORK/out"
  set -m
  sed -u -f "$WORK/masks" <"$WORK/out" 8>&- 9>&- | tee -p -a "$FRAME_LOGS/$STEP.log" 8>&- 9>&- &
  writer=$!
  set +m
  within "$FRAME_LIMIT" strictly >"$WORK/out"
  status=$?
  # What the step left running may hold the pipe: that is waited for no longer than a moment.
  while [ "$tries" -lt 20 ] && kill -0 "$writer" 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -TERM "$writer" 2>/dev/null
  return "$status"
}

# mark KIND: notes that the step was begun, verified, or taken back (none).
mark() {
  if [ "$FRAME_MARKS" = cluster ]; then
    local patch=$FRAME_MARK_NONE
    if [ "$1" = begun ]; then patch=$FRAME_MARK_BEGUN; elif [ "$1" = verified ]; then patch=$FRAME_MARK_DONE; fi
    kubectl -n kube-system patch configmap gpuk8s-tui --type merge -p "$patch" && return 0
    [ "$1" != none ] || return 0
    kubectl -n kube-system create configmap gpuk8s-tui && kubectl -n kube-system patch configmap gpuk8s-tui --type merge -p "$patch"
  elif [ "$1" = none ]; then
    rm -f "$STATE/steps/$STEP" "$STATE/reboot/$STEP" "$STATE/reboot/$STEP.drained"
  else
    mkdir -p "$STATE/steps" && printf '%s %s\n' "$1" "$FRAME_HOLDER" >"$STATE/steps/$STEP"
  fi
}
marked() {
  if [ "$FRAME_MARKS" = cluster ]; then
    kubectl -n kube-system get configmap gpuk8s-tui -o "jsonpath={.data.$STEP}" 2>/dev/null | cut -d ' ' -f 1
  elif [ -e "$STATE/steps/$STEP" ]; then
    cut -d ' ' -f 1 "$STATE/steps/$STEP"
  fi
}
noted() {
  mark "$1" >/dev/null 2>"$WORK/why" || tell "unmarked $(tail -n 1 "$WORK/why" | base64 -w 0)"
}

# boots: whether the machine has booted since the step was applied that takes effect only then.
boots() {
  local former
  [ -e "$STATE/reboot/$STEP" ] || return 0
  read -r former <"$STATE/reboot/$STEP" || true
  if [ "$former" = "$(cat "$FRAME_BOOT_ID")" ]; then tell 'boot same'; else tell 'boot new'; fi
  if [ -e "$STATE/reboot/$STEP.drained" ]; then tell drained; fi
}

carry_out() {
  local status
  umask 077
  WORK=$(mktemp -d) || exit 85
  # A child that is ended before it has taken leave of our traps would run this one too.
  local owner=$BASHPID
  LEASE_KEEPER=''
  trap '[ "$BASHPID" != "'"$owner"'" ] || { leave_lease; rm -rf "$WORK"; }' EXIT
  GIVES=$WORK/gives
  FILES=$WORK/files
  mkdir "$FILES"
  step_files
  umask 022
  if [ "$FRAME_LOCKED" = yes ]; then hold; fi
  tell "began $FRAME_PHASE"
  case $FRAME_PHASE in
    check)
      tell "marked $(marked)"
      boots
      within "$FRAME_LIMIT" strictly
      status=$?
      ;;
    verify)
      within "$FRAME_LIMIT" strictly
      status=$?
      if [ "$status" = 0 ]; then
        noted verified
        rm -f "$STATE/reboot/$STEP" "$STATE/reboot/$STEP.drained"
      fi
      ;;
    undo)
      logged
      status=$?
      if [ "$status" = 0 ]; then noted none; fi
      ;;
    *)
      noted begun
      logged
      status=$?
      if [ "$status" = 0 ] && [ "$FRAME_REBOOTS" = yes ]; then
        mkdir -p "$STATE/reboot" && cat "$FRAME_BOOT_ID" >"$STATE/reboot/$STEP"
      fi
      ;;
  esac
  # What it said last may have no end of line.
  echo
  leave_lease
  if [ -e "$WORK/late" ]; then tell late; fi
  if [ "$status" = 0 ] && [ -e "$GIVES" ]; then cat "$GIVES" >&8 2>/dev/null; fi
  tell "ended $status"
  exit "$status"
}

# In a process group of its own: who ends the connection, or the shell that it started, does not end the step.
start() {
  exec 8>&1
  set -m
  (carry_out) </dev/null &
  set +m
  wait "$!"
}
`.trim();
