# What the scripts of all steps can use. Sourced by bash, before the step's own variables and functions.
# Set by whoever runs a step: STEP (its id), FILES (folder of its rendered files), OVERWRITE (yes: write over what was edited by hand),
# and where kubectl runs KUBE_CONTEXT or KUBECONFIG.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a
: "${STEP:=}" "${FILES:=}" "${OVERWRITE:=no}" "${KUBE_CONTEXT:=}"
BACKUPS=/var/backups/gpuk8s
STATE=/var/lib/gpuk8s-tui

# How a script says what it saw: the words are the reason, the exit code is the state.
missing() { printf '%s\n' "$*" >&2; exit 1; }
drifted() { printf '%s\n' "$*" >&2; exit 80; }
not_applicable() { printf '%s\n' "$*" >&2; exit 81; }
unknown() { printf '%s\n' "$*" >&2; exit 82; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

# A program of that name, not one of the functions here.
have() { type -P "$1" >/dev/null; }
# need PROGRAM: the check cannot look without it.
need() { have "$1" || unknown "$1 is not installed here"; }
# installed PACKAGE...: all of them, wholly.
installed() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || return 1
  done
}

# give NAME VALUE: a secret for other steps; never shown, and in no log.
give() {
  local line
  line="##gpuk8s give $1 $(printf '%s' "$2" | base64 -w 0)"
  if [ -n "${GIVES:-}" ]; then printf '%s\n' "$line" >>"$GIVES"; else printf '%s\n' "$line"; fi
}

# backup PATH: keeps a file as it was before its first edit; where there is none, that is kept too.
backup() {
  local kept="$BACKUPS$1"
  [ -e "$kept" ] || [ -e "$kept.absent" ] && return 0
  install -d -m 700 "$(dirname "$kept")"
  if [ -e "$1" ]; then cp -a "$1" "$kept"; else : >"$kept.absent"; fi
}
# restore PATH: as it was before its first edit.
restore() {
  local kept="$BACKUPS$1"
  if [ -e "$kept" ]; then
    cp -a "$kept" "$1"
    rm -f "$kept"
  elif [ -e "$kept.absent" ]; then
    rm -f "$1" "$kept.absent"
  fi
  rm -f "$STATE/files$1.sha256"
}

# written FILE PATH: PATH is as the rendered FILE of this step says.
written() {
  [ -e "$2" ] || missing "$2 is not there"
  cmp -s "$FILES/$1" "$2" && return 0
  diff -u --label "$2" --label "$2 (as it should be)" "$2" "$FILES/$1" || true
  if [ -e "$STATE/files$2.sha256" ]; then drifted "$2 is not as it was written"; fi
  missing "$2 is not as it should be"
}
# write FILE PATH [MODE [OWNER]]: puts the rendered FILE of this step in the place of PATH. What was edited by hand since it was last written is not written over unasked.
write() {
  local sum="$STATE/files$2.sha256"
  if [ -e "$2" ] && [ -e "$sum" ] && [ "$OVERWRITE" != yes ] && ! cmp -s "$FILES/$1" "$2" && ! sha256sum --check --quiet "$sum" >/dev/null 2>&1; then
    diff -u --label "$2" --label "$2 (as it should be)" "$2" "$FILES/$1" || true
    printf '%s\n' "$2 was edited by hand since it was written" >&2
    exit 83
  fi
  backup "$2"
  install -D -m "${3:-644}" -o "${4:-root}" -g "${4:-root}" "$FILES/$1" "$2"
  install -d -m 700 "$(dirname "$sum")"
  sha256sum "$2" >"$sum"
}

# fetch URL PATH: says which URL could not be had.
fetch() {
  local said
  have curl || fail "curl, which fetches $1, is not installed here: step apt-base"
  said=$(curl -fsSL --retry 3 --connect-timeout 15 -o "$2" "$1" 2>&1) || fail "cannot fetch $1: ${said##*$'\n'}"
}

# apt_get ARGUMENT...: waits for who holds the lock, says who, and completes what was left half-configured.
apt_get() {
  local holder waited=0
  while holder=$(apt_holder) && [ "$waited" -lt "${APT_PATIENCE:-900}" ]; do
    if [ $((waited % 30)) -eq 0 ]; then say "waiting for $holder, which holds the lock of apt"; fi
    sleep 5
    waited=$((waited + 5))
  done
  if [ -n "$(dpkg --audit 2>/dev/null)" ]; then
    say 'completing what dpkg left half-configured'
    dpkg --force-confold --configure -a
  fi
  # Without a terminal of its own dpkg shows no bar of progress.
  apt-get -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold -q "$@"
}
# apt_holder: the program that holds a lock of apt or dpkg; fails where nobody does.
apt_holder() {
  local lock inode pid
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    [ -e "$lock" ] || continue
    inode=$(stat -c %i "$lock")
    pid=$(awk -v inode="$inode" '{ split($6, part, ":"); if (part[3] == inode && $5 > 0) { print $5; exit } }' /proc/locks)
    [ -n "$pid" ] || continue
    printf '%s (process %s)\n' "$(cat "/proc/$pid/comm" 2>/dev/null || echo 'a process')" "$pid"
    return 0
  done
  return 1
}

# add_packages PACKAGE...: installs those that are not there, and keeps note of all that came with them, for remove_packages. NAME=VERSION is possible.
add_packages() {
  local package before kept="$STATE/packages/$STEP"
  local packages_absent=()
  for package in "$@"; do installed "${package%%=*}" || packages_absent+=("$package"); done
  [ "${#packages_absent[@]}" -gt 0 ] || return 0
  package_lists
  install -d -m 700 "$STATE/packages"
  printf '%s\n' "${packages_absent[@]%%=*}" >>"$kept"
  before=$(all_packages)
  apt_get install -y --no-install-recommends "${packages_absent[@]}"
  all_packages | grep -vxF -f <(printf '%s\n' "$before") >>"$kept.all" || true
}
all_packages() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n -e 's/^installed //p'; }
# remove_packages: those that this step installed, unless something else has come to need them, and what came with them where nothing does.
remove_packages() {
  local others='' list kept="$STATE/packages/$STEP"
  local packages_here=()
  for list in "$kept.all" "$kept"; do
    [ -e "$list" ] || continue
    mapfile -t packages_here < <(all_packages | grep -xF -f "$list")
    [ "${#packages_here[@]}" -gt 0 ] || continue
    others=$(apt-get -s purge --allow-change-held-packages "${packages_here[@]}" | awk '$1 == "Purg" || $1 == "Remv" { print $2 }' | grep -vxF -f <(printf '%s\n' "${packages_here[@]}") | sort -u | tr '\n' ' ') || true
    [ -z "$others" ] || continue
    apt_get purge -y --allow-change-held-packages "${packages_here[@]}"
    break
  done
  [ -z "$others" ] || fail "not removed, since other packages need what this step installed: $others"
  rm -f "$kept" "$kept.all"
}
# package_lists: fetches them anew. A repository that does not answer is told, and does not keep the others from being used.
package_lists() { apt_get -o APT::Update::Error-Mode=any update || say 'some lists of packages could not be fetched, see above: going on with those there are'; }
# offered PACKAGE VERSION: the newest version in the repositories that begins with that; fails where there is none.
offered() {
  apt-cache madison "$1" | awk -v version="$2" -F ' *[|] *' 'index($2, version) == 1 && !found { print $2; found = 1 } END { exit !found }'
}

# os_release NAME: a value of /etc/os-release: ID, VERSION_ID, VERSION_CODENAME.
os_release() { sed -n -e "s/^$1=//p" /etc/os-release | tr -d "\"'"; }
# in_container: the kernel, its clock and its modules belong to the machine around it.
in_container() { have systemd-detect-virt && systemd-detect-virt --quiet --container; }
# cri_socket RUNTIME: where crio or containerd listens.
cri_socket() { case "$1" in crio) say unix:///var/run/crio/crio.sock ;; *) say unix:///run/containerd/containerd.sock ;; esac }
# own_ip ADDRESS: the IPv4 address of this host that is meant; where it is reached under one that it does not have itself, that of its way out.
own_ip() {
  local meant mine
  meant=$(getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }') || true
  mine=$(ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4 }')
  if [ -n "$meant" ] && printf '%s\n' "$mine" | grep -xF -e "$meant"; then return 0; fi
  ip -4 -o route get 192.0.2.1 | sed -n -e 's/.* src \([0-9.]*\).*/\1/p' | grep .
}

# kubectl and helm of the cluster that is meant, never of another one.
kubectl() { if [ -n "$KUBE_CONTEXT" ]; then command kubectl --context "$KUBE_CONTEXT" "$@"; else command kubectl "$@"; fi; }
helm() { if [ -n "$KUBE_CONTEXT" ]; then command helm --kube-context "$KUBE_CONTEXT" "$@"; else command helm "$@"; fi; }
# apply_manifest FILE: the rendered FILE of this step.
apply_manifest() { kubectl apply --server-side --force-conflicts --field-manager=gpuk8s-tui -f "$FILES/$1"; }
# applied_manifest FILE: every object of the rendered FILE is there as it says.
applied_manifest() {
  local said difference code=0
  need kubectl
  said=$(kubectl get --request-timeout=20s -o name -f "$FILES/$1" 2>&1) || case "$said" in
  *'(NotFound)'* | *'no matches for kind'* | *"doesn't have a resource type"*) missing "not all of it is there: $(printf '%s\n' "$said" | grep -E 'NotFound|no matches|resource type' | head -n 1)" ;;
  *) unknown "$said" ;;
  esac
  difference=$(kubectl diff --server-side --force-conflicts --field-manager=gpuk8s-tui -f "$FILES/$1") || code=$?
  [ "$code" -eq 0 ] && return 0
  [ "$code" -eq 1 ] || unknown 'what differs cannot be told'
  printf '%s\n' "$difference"
  drifted 'it is there, and not as it should be'
}
# answering: the API server can be asked; without it nothing is known.
answering() {
  local said
  need kubectl
  said=$(kubectl get --raw /version --request-timeout=20s 2>&1) || unknown "the cluster does not answer: ${said##*$'\n'}"
}
# look ARGUMENT...: what kubectl get has of it, as JSON; nothing where there is no such object, and no items where there are none of a kind. What the cluster does not tell is unknown, not missing.
look() {
  local answer word names=0 skip=no
  need kubectl
  need jq
  answer=$(kubectl get --ignore-not-found --request-timeout=20s -o json "$@") || exit 82
  if [ -z "$answer" ]; then
    # kubectl says nothing of an empty list either.
    for word in "$@"; do
      case "$skip $word" in
      yes*) skip=no ;;
      'no --namespace' | 'no --selector' | 'no --field-selector' | 'no -n' | 'no -l') skip=yes ;;
      'no -'*) ;;
      no*/*) names=2 ;;
      *) names=$((names + 1)) ;;
      esac
    done
    if [ "$names" -eq 1 ]; then answer='{ "items": [] }'; fi
  fi
  if [ -n "$answer" ]; then printf '%s\n' "$answer"; fi
}

# released NAME NAMESPACE VERSION: that Helm release is there, from that version of its chart. Read from its own record, which needs no helm.
released() {
  local records latest state version
  records=$(look --namespace "$2" secret --selector "owner=helm,name=$1") || exit
  latest=$(jq '[.items[]] | max_by(.metadata.labels.version | tonumber? // 0) // empty' <<<"$records")
  [ -n "$latest" ] || missing "there is no Helm release $1 in namespace $2"
  state=$(jq -r '.metadata.labels.status' <<<"$latest")
  [ "$state" = deployed ] || missing "the Helm release $1 is $state"
  version=$(jq -r '.data.release' <<<"$latest" | base64 -d | base64 -d | gzip -d | jq -r '.chart.metadata.version') || unknown "the record of the Helm release $1 cannot be read"
  [ "${version#v}" = "${3#v}" ] || missing "the Helm release $1 is of version $version of its chart, not $3"
}
# chart NAME NAMESPACE VERSION CHART ARGUMENT...: installs a chart, or brings it to that version. A run that was cut off leaves a record that refuses all further runs: an old one is taken away.
chart() {
  local name="$1" namespace="$2" version="$3" source="$4" records record
  shift 4
  have helm || fail 'helm is not installed here: step helm-install'
  records=$(look --namespace "$namespace" secret --selector "owner=helm,name=$name") || exit
  record=$(jq -r '.items[] | select(.metadata.labels.status | startswith("pending-")) | select(.metadata.creationTimestamp | fromdateiso8601 < now - 300) | .metadata.name' <<<"$records")
  if [ -n "$record" ]; then
    say "a run of helm on $name was cut off: taking its record $record away"
    kubectl --namespace "$namespace" delete secret "$record"
  fi
  helm upgrade --install "$name" "$source" --namespace "$namespace" --version "$version" "$@"
}

# proven WHAT OF: that test has passed, with the cluster as it is now (OF: any text). prove WHAT OF: it has passed just now.
proven() {
  local notes note
  notes=$(look --namespace kube-system configmap gpuk8s-tui-proofs) || exit
  note=$(jq -r --arg what "$1" '.data[$what] // empty' <<<"$notes")
  [ -n "$note" ] || missing 'it has not been tried yet'
  [ "$(jq -r '.of' <<<"$note")" = "$(fingerprint "$2")" ] || missing "it passed on $(jq -r '.at' <<<"$note"), and the nodes are not the same since"
  say "it passed on $(jq -r '.at' <<<"$note")"
}
prove() {
  local patch
  kubectl --namespace kube-system get configmap gpuk8s-tui-proofs >/dev/null 2>&1 || kubectl --namespace kube-system create configmap gpuk8s-tui-proofs >/dev/null
  patch=$(jq -n --arg what "$1" --arg of "$(fingerprint "$2")" --arg at "$(date -u +%FT%TZ)" '{ data: { ($what): ({ at: $at, of: $of } | tojson) } }')
  kubectl --namespace kube-system patch configmap gpuk8s-tui-proofs --type merge --patch "$patch" >/dev/null
}
# reported WHAT FINDINGS: nothing was found, or just what was reported when somebody last looked. `prove WHAT FINDINGS` keeps note of a report.
reported() {
  local notes note
  if [ -z "$2" ]; then say 'nothing was found' && return 0; fi
  notes=$(look --namespace kube-system configmap gpuk8s-tui-proofs) || exit
  note=$(jq -r --arg what "$1" '.data[$what] // empty' <<<"$notes")
  [ -n "$note" ] || missing "found and not reported yet: $(wc -l <<<"$2")"
  [ "$(jq -r '.of' <<<"$note")" = "$(fingerprint "$2")" ] || drifted "other findings than those that were reported on $(jq -r '.at' <<<"$note")"
  say "found: $(wc -l <<<"$2"), as reported on $(jq -r '.at' <<<"$note")"
}
# forget WHAT: it has to be tried again.
forget() {
  kubectl --namespace kube-system patch configmap gpuk8s-tui-proofs --type merge --patch "$(jq -n --arg what "$1" '{ data: { ($what): null } }')" >/dev/null 2>&1 || true
}
fingerprint() { printf '%s' "$1" | sha256sum | cut -c 1-16; }

# ended POD NAMESPACE SECONDS: waits for a pod to succeed; says what it saw where it does not.
ended() {
  local pod phase waited=0
  while :; do
    pod=$(look --namespace "$2" pod "$1") || exit
    [ -n "$pod" ] || pod='{}'
    phase=$(jq -r '.status.phase // "gone"' <<<"$pod")
    case "$phase" in
    Succeeded) return 0 ;;
    Failed | gone) break ;;
    esac
    [ "$waited" -lt "$3" ] || break
    sleep 2
    waited=$((waited + 2))
  done
  kubectl --namespace "$2" logs "$1" --tail=20 2>&1 || true
  jq -r '[.status.conditions[]? | select(.status != "True") | .message // empty] + [.status.containerStatuses[]?.state | .waiting.message // .terminated.message // empty] | .[]' <<<"$pod"
  fail "pod $1 has not succeeded within $3 s: it is $phase"
}
