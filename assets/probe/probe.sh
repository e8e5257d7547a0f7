#!/bin/sh
# Collects what gpuk8s-tui shows of a machine. Reads only: no file is written, not even a temporary one, so that it works on a full disk.
# Runs on dash, busybox sh and bash. Here-documents are avoided: bash before 5.1 writes them to /tmp.
#
# Environment: GPUK8S_MARK (required), a word that no other output holds; it starts every line of the frame.
#   GPUK8S_SMI_SECONDS: how long nvidia-smi may take, 10 if not given: without persistence mode it starts every GPU first.
#   GPUK8S_SUDO=1: parts that need root may go through one call of `sudo -n`. GPUK8S_PROBE: the text of this script, which that call needs.
# Arguments, used by the script itself for that call: MARK root
#
# The frame, line by line; everything else (a banner, what a shell's rc prints) is not ours:
#   @@MARK start 1
#   @@MARK begin NAME
#   |a line of the body, verbatim; blank lines are left out
#   @@MARK err TEXT                what a command said about its failure
#   @@MARK end NAME STATUS         ok | fail CODE | root | missing WHAT | timeout
#   @@MARK done

mark=${1:-${GPUK8S_MARK:-}}
phase=${2:-user}
may_sudo=${GPUK8S_SUDO:-0}
probe_text=${GPUK8S_PROBE:-}
smi_seconds=${GPUK8S_SMI_SECONDS:-10}
[ -n "$mark" ] || exit 64
unset GPUK8S_MARK GPUK8S_PROBE
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
SYSTEMD_COLORS=0
SYSTEMD_PAGER=
export PATH LC_ALL SYSTEMD_COLORS SYSTEMD_PAGER
umask 077
exec 2>/dev/null
user=$(id -u)
timeout_tool=
if timeout -k 1 1 true; then timeout_tool=1; fi

# --- the frame ---

begin() {
  section=$1
  printf '@@%s begin %s\n' "$mark" "$section"
}

# The line break in front ends a body that does not end with one.
end() {
  printf '\n@@%s end %s %s\n' "$mark" "$section" "$*"
}

# finish STATUS: ends the section and the part that runs.
finish() {
  end "$@"
  exit 0
}

# err TEXT: the first lines of what a command said.
err() {
  printf '%s\n' "$1" | head -n 5 | sed -e "s/^/@@$mark err /"
}

# failed CODE TEXT: ends the section for a command that failed.
failed() {
  err "$2"
  case $1 in
    124 | 137 | 143) finish timeout ;;
    *) finish fail "$1" ;;
  esac
}

have() {
  command -v "$1" >/dev/null
}

need() {
  have "$1" || finish missing "$1"
}

# part NAME FUNCTION [LIMIT]: one section, or several that the function begins itself. With a limit in seconds it is left behind when it
# does not end: a process that waits for a dead GPU or file server cannot even be killed, and holds on to its output. So the reader stops
# at a line, not at the end of the output, and nothing but the reader holds ours.
part() {
  {
    begin "$1"
    if [ -z "${3:-}" ]; then
      (
        "$2"
        finish ok
      ) </dev/null
    else
      guarded "$2" "$3" || end timeout
    fi
    printf '@@%s quit\n' "$mark"
  } | frame_lines
}

# guarded FUNCTION LIMIT: fails when the function was left behind.
guarded() {
  (
    "$1"
    finish ok
  ) </dev/null &
  body=$!
  (
    sleep_then_kill "$2" "$body"
  ) </dev/null >/dev/null &
  watch=$!
  wait "$body"
  code=$?
  kill "$watch"
  return "$code"
}

frame_lines() {
  sed -n -e '/^$/d' -e "/^@@$mark quit/q" -e "/^@@$mark /{p;b" -e '}' -e 's/^/|/p'
}

# sleep_then_kill SECONDS PROCESS: for a subshell of its own; leaves no sleep behind when it is ended early.
sleep_then_kill() {
  # $! and not a variable: the signal may come between the start of the sleep and an assignment.
  trap 'kill -KILL $!; exit' TERM
  sleep "$1" &
  wait $!
  kill -KILL "$2"
}

# limit SECONDS COMMAND…: runs a command that may hang; 124 or 137 when it was ended.
limit() {
  seconds=$1
  shift
  if [ -n "$timeout_tool" ]; then
    timeout -k 1 "$seconds" "$@"
    return
  fi
  {
    "$@" <&3 3<&- &
    command=$!
  } 3<&0
  (
    sleep_then_kill "$seconds" "$command"
  ) </dev/null >/dev/null &
  guard=$!
  wait "$command"
  code=$?
  kill "$guard"
  return "$code"
}

# --- the system ---

clock() {
  date +%s.%N
}

boot() {
  cat /proc/sys/kernel/random/boot_id || finish missing /proc/sys/kernel/random/boot_id
  grep '^btime ' /proc/stat
}

system() {
  printf 'hostname %s\n' "$(uname -n)"
  printf 'kernel %s\n' "$(uname -r)"
  grep -hE '^(PRETTY_NAME|NAME|VERSION|ID|ID_LIKE|VERSION_ID)=' /etc/os-release || grep -hE '^(PRETTY_NAME|ID)=' /usr/lib/os-release
}

reboot_required() {
  if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ] || [ -e /run/reboot-needed ]; then
    echo yes
    head -n 20 /run/reboot-required.pkgs
  elif [ -e /etc/debian_version ] || [ -e /etc/SUSE-brand ]; then
    echo no
  elif have needs-restarting; then
    limit 3 needs-restarting -r >/dev/null
    case $? in
      0) echo no ;;
      1) echo yes ;;
      *) finish timeout ;;
    esac
  else
    finish missing needs-restarting
  fi
}

time_sync() {
  if have timedatectl && text=$(limit 4 timedatectl show -p NTPSynchronized 2>&1) && [ -n "$text" ]; then
    printf '%s\n' "$text"
  elif have timedatectl && text=$(limit 4 timedatectl status 2>&1); then
    # systemd before 239 has no `show`.
    printf '%s\n' "$text" | grep -i 'synchronized'
  elif have chronyc && text=$(limit 4 chronyc -n tracking 2>&1); then
    printf '%s\n' "$text" | grep -i 'leap status'
  elif have timedatectl; then
    failed 1 "$text"
  else
    finish missing timedatectl
  fi
}

failed_units() {
  need systemctl
  text=$(limit 4 systemctl list-units --state=failed --all --plain --no-legend --no-pager 2>&1) || failed $? "$text"
  printf '%s\n' "$text" | head -n 100
}

services() {
  need systemctl
  text=$(limit 4 systemctl show --no-pager -p Id -p LoadState -p ActiveState -p SubState -p Result -p ExecMainStatus -p UnitFileState \
    -p ActiveEnterTimestampMonotonic \
    crio.service containerd.service docker.service kubelet.service haproxy.service keepalived.service nvidia-persistenced.service \
    nvidia-fabricmanager.service nvidia-cdi-refresh.path nvidia-cdi-refresh.service nvidia-dcgm.service chrony.service chronyd.service \
    systemd-timesyncd.service etcd.service nfs-server.service 2>&1) || failed $? "$text"
  printf '%s\n' "$text"
}

swap() {
  cat /proc/swaps || finish missing /proc/swaps
}

# What brings swap back: lines of fstab, and the units that systemd makes of them or of a partition that it finds.
swap_setup() {
  [ ! -e /etc/fstab ] || [ -r /etc/fstab ] || finish root
  awk '$1 !~ /^#/ && $3 == "swap" { print "fstab " $1 " " $4 }' /etc/fstab
  # All: those that are not active now are what the next boot is about.
  have systemctl && limit 4 systemctl show --no-pager --all -p Id -p ActiveState -p UnitFileState -p SourcePath '*.swap'
  # Masked units are not loaded, so the pattern above does not meet them.
  for file in /etc/systemd/system/*.swap; do
    [ "$(readlink "$file")" = /dev/null ] && printf 'masked %s\n' "${file##*/}"
  done
  return 0
}

# A module that is built into the kernel is not in the list, and as good as loaded. A kernel that knows no modules has no list.
modules() {
  cut -d ' ' -f 1 /proc/modules || [ -e /proc/filesystems ] || finish missing /proc/modules
  [ ! -d /sys/module/br_netfilter ] && [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo br_netfilter
  grep -q '[[:space:]]overlay$' /proc/filesystems && echo overlay
  return 0
}

# Modules that are loaded at each boot, by the file that says so; of two files of one name, the one in /etc counts.
modules_load() {
  blocked=
  for file in /etc/modules /etc/modules-load.d/*.conf /run/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf; do
    [ -e "$file" ] || continue
    [ -r "$file" ] || { blocked=1 && continue; }
    case $file in /run/* | /usr/*) [ -e "/etc/modules-load.d/${file##*/}" ] && continue ;; esac
    printf '== %s\n' "$file"
    sed -e 's/[[:space:]]*$//' -e '/^[#;]/d' "$file"
  done
  [ -z "$blocked" ] || finish root
}

# grep and not the shell's read: dash reads byte by byte, and /proc/sys answers a second read with nothing.
sysctls() {
  cd /proc/sys || finish missing /proc/sys
  grep -s . net/ipv4/ip_forward net/ipv6/conf/all/forwarding net/bridge/bridge-nf-call-iptables net/bridge/bridge-nf-call-ip6tables \
    fs/inotify/max_user_instances fs/inotify/max_user_watches vm/overcommit_memory vm/swappiness kernel/panic kernel/pid_max |
    sed -e 's|/|.|g' -e 's|:| = |'
}

cgroup() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo v2
  elif [ -d /sys/fs/cgroup/unified ]; then
    echo hybrid
  elif [ -d /sys/fs/cgroup/memory ] || [ -d /sys/fs/cgroup/cpu ]; then
    echo v1
  else
    finish missing /sys/fs/cgroup
  fi
}

load() {
  cat /proc/loadavg
  printf 'cpus %s\n' "$(grep -c '^processor' /proc/cpuinfo)"
}

memory() {
  grep -E '^(MemTotal|MemAvailable|MemFree|Buffers|Cached):' /proc/meminfo
}

pressure() {
  [ -e /proc/pressure/cpu ] || finish missing /proc/pressure
  for resource in cpu memory io; do
    sed -e "s/^/$resource /" "/proc/pressure/$resource" || finish fail 1
  done
}

# --- disks ---

# Only file systems on disks of this machine, each once: a dead file server must not be asked, and pods mount thousands of others.
filesystems() {
  need df
  mounts=$(awk '$3 ~ /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|vfat|bcachefs|overlay)$/ {
      if ($3 == "overlay" && $2 != "/") next
      if ($2 ~ /^\/(var\/lib\/(kubelet\/(pods|plugins)|containers\/storage\/overlay|docker\/(overlay2|containers))|run\/|snap\/|etc\/)/) next
      if (!($1 in place)) { order[++n] = $1; place[$1] = $2 } else if (length($2) < length(place[$1])) place[$1] = $2
    } END { for (i = 1; i <= n && i <= 64; i++) print place[order[i]] }' /proc/mounts)
  set --
  newline='
'
  IFS=$newline
  set -f
  for mount in $mounts; do
    set -- "$@" "$(printf '%b' "$(printf '%s' "$mount" | sed -e 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')")"
  done
  unset IFS
  [ $# -gt 0 ] || set -- /
  echo '== blocks'
  limit 4 df -Pk "$@" || case $? in 124 | 137) finish timeout ;; esac
  echo '== inodes'
  limit 4 df -Pi "$@"
}

# Sums that cost little: flat folders and what the stores count themselves, no walk through trees.
usage() {
  for folder in /var/cache/apt/archives /var/cache/dnf /var/crash /var/lib/systemd/coredump; do
    [ -d "$folder" ] && [ -r "$folder" ] && printf 'bytes %s %s\n' "$(flat_bytes "$folder")" "$folder"
  done
  [ -r /var/log ] && printf 'bytes %s %s\n' "$(flat_bytes /var/log)" '/var/log/*'
}

flat_bytes() {
  # shellcheck disable=SC2012 # the sizes are wanted, not the names
  ls -lLn "$@" | awk '/^-/ { sum += $5 } END { printf "%.0f", sum }'
}

# What fstab mounts at boot, and whether it is mounted: by the kernel's list, as a dead file server must not be asked.
mounts() {
  [ -r /etc/fstab ] || finish missing /etc/fstab
  awk 'FNR == NR { mounted[$2] = 1; next }
    $1 ~ /^#/ || NF < 4 || $2 !~ /^\// || $3 == "swap" || ("," $4 ",") ~ /,noauto,/ { next }
    { place = $2; if (place != "/") sub(/\/+$/, "", place); print ((place in mounted) ? "yes" : "no"), $3, $1, place, $4 }' /proc/mounts /etc/fstab
}

# --- container runtime ---

runtime_binaries() {
  for name in /usr/bin/crio /usr/libexec/crio/conmon /usr/libexec/crio/crun /usr/libexec/crio/runc conmon crun runc containerd dockerd \
    nvidia-container-runtime nvidia-container-cli nvidia-ctk crictl kubelet kubeadm; do
    path=$(command -v "$name") || continue
    case $path in /*) ;; *) continue ;; esac
    # nvidia-container-runtime hands --version on to runc: the toolkit's own version is nvidia-ctk's.
    version=
    case $name in
      nvidia-container-runtime) ;;
      kubeadm) version=$(limit 2 "$path" version -o short </dev/null | head -n 1) ;;
      *) version=$(limit 2 "$path" --version </dev/null | head -n 1) ;;
    esac
    printf '%s\t%s\n' "$path" "$version"
  done
}

# Of each configuration only the lines that say which runtimes there are: the rest may hold passwords of registries.
runtime_config() {
  telling='^[[:space:]]*(\[|(default_runtime|default_runtime_name|BinaryName|runtime_type|runtime_path|monitor_path|imports|disabled_plugins|SystemdCgroup|cgroup_manager|enable_cdi|cdi_spec_dirs|version|pause_image|sandbox_image|sandbox)[[:space:]]*=)'
  endpoint=$(sed -n -e 's/.*--container-runtime-endpoint=\([^" ]*\).*/\1/p' /var/lib/kubelet/kubeadm-flags.env | head -n 1)
  [ -n "$endpoint" ] || endpoint=$(sed -n -e 's/^containerRuntimeEndpoint: *"*\([^"]*\)"*$/\1/p' /var/lib/kubelet/config.yaml | head -n 1)
  [ -z "$endpoint" ] || printf '== endpoint %s\n' "$endpoint"
  found=
  blocked=
  if have crio; then
    found=1
    if text=$(limit 3 crio status config); then
      echo '== crio status config'
      printf '%s\n' "$text" | grep -E "$telling"
    else
      # A folder that may not be entered looks empty.
      [ ! -d /etc/crio ] || [ -x /etc/crio ] || blocked=1
      config_files crio /etc/crio/crio.conf /etc/crio/crio.conf.d/* /usr/share/containers/crio.conf.d/*
    fi
  fi
  if have containerd; then
    found=1
    if [ -r /etc/containerd/config.toml ] && text=$(limit 3 containerd config dump); then
      echo '== containerd config dump'
      printf '%s\n' "$text" | grep -E "$telling"
    else
      [ ! -d /etc/containerd ] || [ -x /etc/containerd ] || blocked=1
      config_files containerd /etc/containerd/config.toml /etc/containerd/conf.d/*.toml
    fi
  fi
  if [ -r /etc/docker/daemon.json ]; then
    echo '== docker /etc/docker/daemon.json'
    grep -oE '"(default-runtime|path)"[[:space:]]*:[[:space:]]*"[^"]*"|"(runtimes|nvidia)"' /etc/docker/daemon.json
  fi
  [ -n "$found" ] || finish missing 'crio and containerd'
  [ -z "$blocked" ] || finish root
}

config_files() {
  runtime=$1
  shift
  for file in "$@"; do
    [ -e "$file" ] || continue
    if [ -r "$file" ]; then
      printf '== %s %s\n' "$runtime" "$file"
      grep -E "$telling" "$file"
    else
      blocked=1
    fi
  done
}

# The runtimes that nvidia-container-runtime looks for, as it looks for them.
low_level_runtimes() {
  have nvidia-container-runtime || [ -e /usr/local/nvidia/toolkit/nvidia-container-runtime ] || finish missing nvidia-container-runtime
  names=
  for file in /etc/nvidia-container-runtime/config.toml /usr/local/nvidia/toolkit/.config/nvidia-container-runtime/config.toml; do
    [ -r "$file" ] || continue
    names=$(tr '\n' ' ' <"$file" | sed -n -e 's/.*[^a-z#]runtimes *= *\[\([^]]*\)\].*/\1/p' | tr ',"' '  ')
    [ -z "$names" ] || break
  done
  for name in ${names:-runc crun}; do
    if path=$(command -v "$name") && [ -x "$path" ]; then
      printf 'yes %s\n' "$path"
    else
      printf 'no %s\n' "$name"
    fi
  done
}

cdi() {
  found=
  for file in /var/run/cdi/*.yaml /var/run/cdi/*.json /etc/cdi/*.yaml /etc/cdi/*.json; do
    [ -e "$file" ] || continue
    found=1
    printf '== %s\n' "$file"
    [ -r "$file" ] || finish root
    grep -oE '"?(kind|name)"?:[[:space:]]*"?[^",]*|^[[:space:]]*"?(devices|containerEdits)"?:|lib(cuda|nvidia-ml)\.so\.[0-9][0-9.]*' "$file" | awk '!/^lib/ || !seen[$0]++'
  done
  [ -n "$found" ] || finish missing '/var/run/cdi and /etc/cdi specs'
}

# --- NVIDIA ---

pci() {
  [ -d /sys/bus/pci/devices ] || finish missing /sys/bus/pci
  for device in /sys/bus/pci/devices/*; do
    vendor=
    class=
    read -r vendor <"$device/vendor"
    [ "$vendor" = 0x10de ] || continue
    read -r class <"$device/class"
    # Class 03: display and 3D controllers. Virtual functions are slices of a card that is counted already.
    case $class in 0x03*) [ -e "$device/physfn" ] && continue ;; *) continue ;; esac
    id=
    read -r id <"$device/device"
    driver=$(readlink "$device/driver")
    printf '%s %s %s %s\n' "${device##*/}" "$class" "$id" "${driver##*/}"
  done
}

driver() {
  value=
  read -r value </sys/module/nvidia/version && printf 'module %s\n' "$value"
  [ -r /proc/driver/nvidia/version ] && sed -n -e 's/^NVRM version: */nvrm /p' /proc/driver/nvidia/version
  for file in /usr/lib/*-linux-gnu/libnvidia-ml.so.[0-9]*.* /usr/lib64/libnvidia-ml.so.[0-9]*.* /usr/lib/libnvidia-ml.so.[0-9]*.* \
    /usr/lib/*-linux-gnu/nvidia/current/libnvidia-ml.so.[0-9]*.* /run/nvidia/driver/usr/lib/*-linux-gnu/libnvidia-ml.so.[0-9]*.*; do
    [ -e "$file" ] && printf 'library %s\n' "$file"
  done
  if have dpkg-query; then
    # shellcheck disable=SC2016 # dpkg-query's own placeholders
    limit 3 dpkg-query -W -f 'package ${Package} ${Version} ${db:Status-Status}\n' 'libnvidia-compute-*' 'libnvidia-ml1' 'nvidia-utils-*'
  elif have rpm; then
    limit 3 rpm -qa --qf 'package %{NAME} %{VERSION} installed\n' 'libnvidia-ml*' 'nvidia-driver-cuda-libs*' 'nvidia-driver-libs*'
  fi
  for folder in /lib/modules/*/; do
    folder=${folder%/}
    kernel=${folder##*/}
    [ -e "$folder/modules.dep" ] || continue
    has=no
    boots=no
    grep -qE '(^|/)nvidia\.ko' "$folder/modules.dep" && has=yes
    if [ -e "/boot/vmlinuz-$kernel" ] || [ -e "$folder/vmlinuz" ]; then boots=yes; fi
    printf 'kernel %s module=%s boots=%s\n' "$kernel" "$has" "$boots"
  done
}

# Ends with two sections: the document, and the cgroups of the processes in it, which tell their pods.
nvidia_smi() {
  smi=$(command -v nvidia-smi) || smi=
  if [ -z "$smi" ] && [ "$user" = 0 ] && [ -x /run/nvidia/driver/usr/bin/nvidia-smi ]; then smi='chroot /run/nvidia/driver nvidia-smi'; fi
  [ -n "$smi" ] || finish missing nvidia-smi
  # One that waits for a dead GPU cannot be killed: do not add another every time.
  # shellcheck disable=SC2013 # words are lines here
  for comm in $(grep -lsx nvidia-smi /proc/[0-9]*/comm); do
    pid=${comm#/proc/}
    pid=${pid%/comm}
    case $(sed -e 's/.*) //' "/proc/$pid/stat") in
      D*)
        err "an nvidia-smi started earlier (process $pid) still waits for the driver"
        finish timeout
        ;;
    esac
  done
  # What it prints is kept whole, for its exit code and for the processes in it.
  answer=$({
    # shellcheck disable=SC2086 # the chroot form is several words
    said=$(limit "$smi_seconds" $smi -q -x 2>&1 >&3 3>&-)
    code=$?
    echo
    [ -z "$said" ] || err "$said"
    printf '@@%s code %s\n' "$mark" "$code"
  } 3>&1)
  printf '%s\n' "$answer" | sed -e "/^@@$mark code /d"
  code=$(printf '%s\n' "$answer" | sed -n -e "s/^@@$mark code //p")
  case $code in
    0) end ok ;;
    124 | 137 | 143) finish timeout ;;
    *) finish fail "${code:-1}" ;;
  esac
  begin gpu-processes
  for pid in $(printf '%s\n' "$answer" | sed -n -e 's/.*<pid>\([0-9][0-9]*\)<.*/\1/p' | sort -u | head -n 200); do
    sed -e "s/^/$pid /" "/proc/$pid/cgroup"
  done
}

# --- what needs root on most machines, or a group ---

xids() {
  journal=
  if have journalctl; then
    for file in /var/log/journal/*/system.journal /run/log/journal/*/system.journal; do
      [ -r "$file" ] && journal=1
    done
  fi
  if [ -n "$journal" ] && text=$(limit 4 journalctl -k -b -o short-unix --no-pager -q); then
    echo '== journal'
    printf '%s\n' "$text" | grep -F 'NVRM: Xid' | tail -n 200
    return
  fi
  need dmesg
  text=$(limit 3 dmesg) || finish root
  echo '== dmesg'
  printf '%s\n' "$text" | grep -F 'NVRM: Xid' | tail -n 200
}

certificates() {
  need openssl
  found=
  for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt /var/lib/kubelet/pki/kubelet-client-current.pem \
    /var/lib/kubelet/pki/kubelet-server-current.pem /var/lib/kubelet/pki/kubelet.crt; do
    [ -e "$file" ] || continue
    found=1
    if [ -r "$file" ]; then certificate_end "$file" -in "$file"; else printf 'root %s\n' "$file"; fi
  done
  for file in /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf /etc/kubernetes/controller-manager.conf /etc/kubernetes/scheduler.conf; do
    [ -e "$file" ] || continue
    found=1
    if [ ! -r "$file" ]; then
      printf 'root %s\n' "$file"
    else
      sed -n -e 's/^ *client-certificate-data: *//p' "$file" | base64 -d | certificate_end "$file"
    fi
  done
  if [ ! -x /var/lib/kubelet ] && [ -e /var/lib/kubelet ]; then printf 'root %s\n' /var/lib/kubelet/pki; fi
  if [ -z "$found" ]; then
    [ -d /etc/kubernetes/pki ] || [ ! -e /var/lib/kubelet ] || [ -x /var/lib/kubelet ] || finish root
    finish missing /etc/kubernetes/pki
  fi
}

# certificate_end PATH [-in PATH]: of the file named, else of what comes on stdin.
certificate_end() {
  path=$1
  shift
  if text=$(limit 2 openssl x509 -noout -enddate "$@"); then
    printf '%s %s\n' "$text" "$path"
  else
    printf 'unreadable %s\n' "$path"
  fi
}

# The files of all homes, and who those homes belong to.
kubeconfigs() {
  need stat
  {
    for file in /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf; do
      [ -e "$file" ] && stat -c '%a %U %n' "$file"
    done
    {
      printf '%s\n' /root /home/* "${HOME:-/root}"
      awk -F : '$3 >= 1000 && $3 < 60000 { print $6 }' /etc/passwd
    } | sed -e 's|/*$||' | sort -u | while IFS= read -r home; do
      case $home in /*) ;; *) continue ;; esac
      [ -d "$home" ] || continue
      if [ ! -x "$home" ] || { [ -e "$home/.kube" ] && [ ! -x "$home/.kube" ]; }; then
        printf 'closed %s\n' "$home"
      elif [ -e "$home/.kube/config" ]; then
        stat -c '%a %U %n' "$home/.kube/config"
        stat -c 'home %U %n' "$home"
      fi
    done
  } | sort -u
}

holds() {
  if have dpkg-query; then
    # shellcheck disable=SC2016 # dpkg-query's own placeholders
    text=$(limit 3 dpkg-query -W -f '${db:Status-Want} ${Package}\n' 2>&1) || failed $? "$text"
    printf '%s\n' "$text" | sed -n -e 's/^hold //p'
  elif have rpm; then
    grep -hE '^[^#[:space:]]' /etc/dnf/plugins/versionlock.list /etc/yum/pluginconf.d/versionlock.list
    sed -n -e 's/^ *name *= *"\([^"]*\)".*/\1/p' /etc/dnf/versionlock.toml
    grep -hE '^(exclude|excludepkgs)[[:space:]]*=' /etc/yum.conf /etc/dnf/dnf.conf /etc/yum.repos.d/*.repo
  else
    finish missing 'dpkg and rpm'
  fi
}

# The packages whose upgrade behind one's back breaks a cluster.
packages() {
  names='kubelet kubeadm kubectl cri-o containerd containerd.io'
  if have dpkg-query; then
    # shellcheck disable=SC2016,SC2086 # dpkg-query's own placeholders; several names
    limit 3 dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' $names
  elif have rpm; then
    # shellcheck disable=SC2086 # several names
    limit 3 rpm -q --qf 'installed %{NAME} %{VERSION}\n' $names
  else
    finish missing 'dpkg and rpm'
  fi
  return 0
}

# What apt did last: how many packages, and by name those that a node depends on. Its times are local, so the zone is told too.
apt_history() {
  [ -e /var/log/apt/history.log ] || finish missing /var/log/apt/history.log
  [ -r /var/log/apt/history.log ] || finish root
  printf 'zone %s\n' "$(date +%z)"
  {
    # The log is begun anew each month.
    [ -r /var/log/apt/history.log.1.gz ] && have gzip && gzip -dc /var/log/apt/history.log.1.gz
    cat /var/log/apt/history.log
  } | awk '/^(Start-Date|Commandline|Error): / { print substr($0, 1, 300) }
    /^(Install|Upgrade|Downgrade|Remove|Purge): / {
      verb = $1; sub(/^[^ ]* /, ""); count = split($0, item, /\), /); line = verb " " count; shown = 0
      for (i = 1; i <= count; i++)
        if (item[i] ~ /nvidia|cuda|^linux-(image|modules)|^kube|^cri-|containerd|docker|runc|crun/ && shown++ < 12) line = line "; " item[i]
      print line
    }' | tail -n 40
}

stores() {
  if have journalctl; then
    text=$(limit 3 journalctl --disk-usage 2>&1) && printf 'journal %s\n' "$text"
  fi
  set -- /var/log/pods/*/*/
  [ -d "$1" ] && printf 'bytes %s %s\n' "$(flat_bytes "$@")" /var/log/pods
  if have crictl; then
    for socket in /run/containerd/containerd.sock /var/run/crio/crio.sock; do
      [ -S "$socket" ] || continue
      if [ -w "$socket" ]; then
        printf '== imagefs\n'
        limit 3 crictl --timeout 2s --runtime-endpoint "unix://$socket" --image-endpoint "unix://$socket" imagefsinfo -o json
        echo
      else
        printf 'root images\n'
      fi
    done
  fi
}

root_parts() {
  part runtime-config runtime_config 8
  part xids xids 8
  part certificates certificates 6
  part kubeconfigs kubeconfigs 2
  part stores stores 8
}

# One call of sudo, so that its log gets one line. Where it does not let us, what we can see ourselves is better than nothing.
sudo_parts() {
  begin sudo
  have sudo || {
    end missing sudo
    root_parts
    exit 0
  }
  end ok
  { said=$(printf '%s\n' "$probe_text" | limit 30 sudo -n sh -s "$mark" root 2>&1 >&3 3>&-); } 3>&1
  code=$?
  [ "$code" = 0 ] && exit 0
  begin sudo-refused
  err "$said"
  end fail "$code"
  root_parts
  exit 0
}

# --- the run ---

if [ "$phase" = root ]; then
  root_parts
  exit 0
fi

printf '\n@@%s start 1\n' "$mark"
part clock clock
part boot boot
part system system
part load load
part memory memory
part pressure pressure
part swap swap
part swap-setup swap_setup 6
part modules modules
part modules-load modules_load 2
part sysctls sysctls
part cgroup cgroup
part pci pci
part cdi cdi
part low-level-runtimes low_level_runtimes
part reboot-required reboot_required 5
part time-sync time_sync 9
part failed-units failed_units 6
part services services 6
part driver driver 5
part runtime-binaries runtime_binaries 8
part filesystems filesystems 6
part mounts mounts 2
part usage usage 4
part holds holds 5
part packages packages 4
part apt-history apt_history 3
if [ "$user" != 0 ] && [ "$may_sudo" = 1 ] && [ -n "$probe_text" ]; then
  {
    guarded sudo_parts 50 || {
      begin sudo-refused
      end timeout
    }
    printf '@@%s quit\n' "$mark"
  } | sed -n -e "/^@@$mark quit/q" -e p
else
  root_parts
fi
part nvidia-smi nvidia_smi "$((smi_seconds + 3))"
printf '@@%s done\n' "$mark"
