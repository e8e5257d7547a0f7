/** The Lease in kube-system that says who is at work on a cluster. */
export const leaseName = 'gpuk8s-tui-setup';

/** What the part of the frame below needs to know. `seconds`: how long a Lease counts that nobody renews; null where the step is not done in the cluster. */
export function leaseValues(step: string, holder: string, seconds: number | null): Readonly<Record<string, string>> {
  if (seconds === null) return { FRAME_LEASE: '' };
  return {
    FRAME_LEASE: leaseName,
    FRAME_LEASE_SECONDS: String(seconds),
    FRAME_LEASE_EVERY: String(Math.max(1, Math.floor(seconds / 4))),
    // As JSON, without its last quote: what tells this run from others is added on the machine.
    FRAME_LEASE_HOLDER: JSON.stringify(`${holder.replace(/\s+/g, ' ')}, step ${step}`).slice(0, -1),
  };
}

/**
 * Bash that keeps everybody else from working on a cluster, from whichever computer: a Lease with the holder's words, taken and given back with the server's own comparison, renewed meanwhile. A check only looks whether somebody has it. Where
 * it can be neither read nor written, that is told (`unleased`), and the lock of this machine is all there is. Expects FRAME_LEASE and the others of leaseValues, WORK, STATE, and `owner`, the process that it is held for.
 */
export const stepLease = String.raw`
# leased ARGUMENT...: kubectl where the Lease is; why not, in $WORK/lease.
leased() { kubectl --namespace kube-system --request-timeout=10s "$@" 2>"$WORK/lease"; }
# change_lease CHANGES: all of them or none, in JSON.
change_lease() { leased patch leases.coordination.k8s.io "$FRAME_LEASE" --type json --patch "[$1]" >/dev/null; }
lease_moment() { date -u +%FT%T.%6NZ; }
lease_spec() {
  local now
  now=$(lease_moment)
  printf '{"holderIdentity":%s,"leaseDurationSeconds":%s,"acquireTime":"%s","renewTime":"%s"}' "$LEASE_HOLDER" "$FRAME_LEASE_SECONDS" "$now" "$now"
}
unleased() { tell "unleased $(tail -n 1 "$WORK/lease" | base64 -w 0)"; }

# take_lease: ends this where somebody else has it, and says who.
take_lease() {
  local seen version seconds holder id tries
  id=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
  LEASE_HOLDER="$FRAME_LEASE_HOLDER #$id\""
  if ! have kubectl; then
    echo 'kubectl is not installed here' >"$WORK/lease"
    unleased
    return
  fi
  for tries in 1 2 3; do
    if seen=$(leased get leases.coordination.k8s.io "$FRAME_LEASE" --output 'jsonpath={.metadata.resourceVersion}{"\n"}{.spec.leaseDurationSeconds}{"\n"}{.spec.holderIdentity}{"\n"}'); then
      { read -r version; read -r seconds; read -r holder; } <<<"$seen"
      if [ -n "$holder" ] && ! lapsed "$version" "$seconds"; then
        tell "held $(printf '%s' "$holder" | sed -e 's/ #[0-9a-f]*$//' | head -c 300 | base64 -w 0)"
        exit 84
      fi
      if [ "$FRAME_PHASE" = check ]; then return; fi
      if change_lease '{"op":"test","path":"/metadata/resourceVersion","value":"'"$version"'"},{"op":"add","path":"/spec","value":'"$(lease_spec)"'}'; then
        keep_lease
        return
      fi
    elif grep -F '(NotFound)' "$WORK/lease" >/dev/null; then
      if [ "$FRAME_PHASE" = check ]; then return; fi
      if printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s"},"spec":%s}' "$FRAME_LEASE" "$(lease_spec)" | leased create -f - >/dev/null; then
        keep_lease
        return
      fi
    else
      break
    fi
    # Somebody was quicker, or it may not be written.
    if grep -F '(Forbidden)' "$WORK/lease" >/dev/null; then break; fi
  done
  unleased
}

# lapsed VERSION SECONDS: it was not renewed while it was looked at from here for that long. The clocks of two computers may differ, so that what it says of its own time does not count.
lapsed() {
  local version='' since=0
  if [ -e "$STATE/lease" ]; then read -r version since <"$STATE/lease" || true; fi
  if [ "$version" = "$1" ] && [ "$since" -le "$EPOCHSECONDS" ]; then
    [ $((EPOCHSECONDS - since)) -ge "$2" ]
    return
  fi
  mkdir -p "$STATE" && printf '%s %s\n' "$1" "$EPOCHSECONDS" >"$STATE/lease"
  return 1
}

# keep_lease: renews it until it is given back, or until the step that it is for is no more.
keep_lease() {
  set -m
  (
    trap - EXIT
    while sleep "$FRAME_LEASE_EVERY" && kill -0 "$owner"; do
      change_lease '{"op":"test","path":"/spec/holderIdentity","value":'"$LEASE_HOLDER"'},{"op":"add","path":"/spec/renewTime","value":"'"$(lease_moment)"'"}'
    done
  ) >/dev/null 2>&1 </dev/null 8>&- 9>&- &
  LEASE_KEEPER=$!
  disown "$LEASE_KEEPER"
  set +m
}
# leave_lease: gives it back, unless somebody else has taken it over.
leave_lease() {
  if [ -z "$LEASE_KEEPER" ]; then return; fi
  kill -TERM -- "-$LEASE_KEEPER" 2>/dev/null
  LEASE_KEEPER=''
  change_lease '{"op":"test","path":"/spec/holderIdentity","value":'"$LEASE_HOLDER"'},{"op":"remove","path":"/spec/holderIdentity"}' || true
}
`.trim();
