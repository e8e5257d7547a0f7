/** One section of the probe's answer, not yet understood. */
export interface ProbeSection {
  readonly name: string;
  readonly status: SectionStatus;
  /** Lines as they came, not cleaned; blank lines are left out by the script. What arrived before a cut stays. */
  readonly lines: readonly string[];
  /** What a command said about its failure. */
  readonly errors: readonly string[];
}

/** cut: the answer ended, or went on with something else, before the section's end line. */
export type SectionStatus =
  | { readonly kind: 'ok' }
  | { readonly kind: 'fail'; readonly code: number }
  | { readonly kind: 'root' }
  | { readonly kind: 'missing'; readonly what: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cut' };

export interface ProbeAnswer {
  /** Whether the frame began at all: false when a banner was all that came. */
  readonly started: boolean;
  /** Whether the last line came. */
  readonly complete: boolean;
  readonly sections: ReadonlyMap<string, ProbeSection>;
}

/**
 * Reads the frame of assets/probe/probe.sh out of whatever came. MARK is the random word given as GPUK8S_MARK; lines outside of the frame
 * (a banner, what an rc file prints, a shell's complaints) are skipped, as are lines in a section that are neither body nor frame.
 *
 *     @@MARK start 1
 *     @@MARK begin NAME
 *     |a line of the body
 *     @@MARK err TEXT
 *     @@MARK end NAME ok | fail CODE | root | missing WHAT | timeout
 *     @@MARK done
 *
 * Sections and their bodies, in this order (the ones from `runtime-config` to `stores` need root on most machines):
 *
 * | name | body |
 * |---|---|
 * | clock | `date +%s.%N`; busybox gives whole seconds |
 * | boot | the boot id; `btime SECONDS` of /proc/stat |
 * | system | `hostname NAME`, `kernel RELEASE`, lines `KEY=value` of os-release |
 * | load | /proc/loadavg; `cpus N` |
 * | memory | lines of /proc/meminfo |
 * | pressure | lines of /proc/pressure/RESOURCE, each after `cpu `, `memory ` or `io ` |
 * | swap | /proc/swaps |
 * | swap-setup | `fstab DEVICE OPTIONS`, `systemctl show --all -p Id -p ActiveState -p UnitFileState -p SourcePath '*.swap'`, `masked UNIT` |
 * | modules | a kernel module's name per line |
 * | modules-load | `== FILE`, then its lines: modules that are loaded at each boot |
 * | sysctls | `name = value` |
 * | cgroup | `v2`, `v1` or `hybrid` |
 * | pci | `ADDRESS CLASS DEVICE DRIVER` of each NVIDIA display or 3D controller: `0000:3b:00.0 0x030200 0x20b5 nvidia` |
 * | cdi | `== FILE`, then `kind: …`, `name: …`, `devices:`, `containerEdits:`, `libcuda.so.VERSION`, `libnvidia-ml.so.VERSION` as found in it; YAML or JSON |
 * | low-level-runtimes | `yes PATH` or `no NAME` per runtime that nvidia-container-runtime looks for |
 * | reboot-required | `yes` or `no`; package names may follow |
 * | time-sync | `NTPSynchronized=yes`, or the lines `… synchronized: yes` of `timedatectl status`, or chronyc's `Leap status : Normal` |
 * | failed-units | `systemctl list-units --state=failed --plain --no-legend` |
 * | services | `systemctl show -p Id -p LoadState -p ActiveState -p SubState -p Result -p ExecMainStatus -p UnitFileState -p ActiveEnterTimestampMonotonic` of the units that matter |
 * | driver | `module VERSION`, `nvrm TEXT` of /proc/driver/nvidia/version, `library FILE`, `package NAME VERSION STATUS`, `kernel RELEASE module=yes|no boots=yes|no` |
 * | runtime-binaries | path, tab, first line of its `--version` |
 * | filesystems | `== blocks`, `df -Pk`; `== inodes`, `df -Pi` |
 * | mounts | `yes TYPE SOURCE MOUNT OPTIONS`, or `no …` where it is not mounted, per entry of fstab for the boot, swap left out |
 * | usage | `bytes N PATH` |
 * | holds | package names; `exclude=…` lines of yum |
 * | packages | `installed NAME VERSION` |
 * | apt-history | `zone +0100`, then `Start-Date: …`, `Commandline: …`, `Upgrade: COUNT; PACKAGE (OLD, NEW; …` of the last runs |
 * | runtime-config | `== endpoint SOCKET`; `== crio FILE`, `== containerd FILE` or `== docker FILE` (FILE may be `status config`, `config dump`), then the telling lines of the configuration |
 * | xids | `== journal` (lines of journalctl -o short-unix) or `== dmesg`, then the lines with `NVRM: Xid` |
 * | certificates | `notAfter=DATE PATH`, `root PATH`, `unreadable PATH` |
 * | kubeconfigs | `MODE OWNER PATH`; `home OWNER PATH`, `closed PATH` |
 * | stores | `journal TEXT` of journalctl --disk-usage; `bytes N PATH`; `root images`; `== imagefs` and the JSON of `crictl imagefsinfo` |
 * | sudo, sudo-refused | only after GPUK8S_SUDO=1: before the sections that need root; refused with what sudo said |
 * | nvidia-smi | the document of `nvidia-smi -q -x`, or what it printed instead; `fail CODE` is its exit code, `err` its stderr |
 * | gpu-processes | only after a document: `PID` and a line of its /proc/PID/cgroup |
 */
export function parseProbe(text: string, mark: string): ProbeAnswer {
  const sections = new Map<string, ProbeSection>();
  const frame = `@@${mark} `;
  let open: { readonly name: string; readonly lines: string[]; readonly errors: string[] } | null = null;
  let started = false;
  let complete = false;

  const close = (status: SectionStatus) => {
    // The first answer of a name stands: a section that comes twice is what a stopped part tries once more with fewer rights.
    if (open !== null && (!sections.has(open.name) || status.kind === 'ok')) sections.set(open.name, { ...open, status });
    open = null;
  };

  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (!line.startsWith(frame)) {
      if (open !== null && line.startsWith('|')) open.lines.push(line.slice(1));
      continue;
    }
    const [verb = '', ...words] = line.slice(frame.length).split(' ');
    if (verb === 'start') started = true;
    if (!started) continue;
    if (verb === 'begin') {
      close({ kind: 'cut' });
      open = { name: words[0] ?? '', lines: [], errors: [] };
    } else if (verb === 'err') {
      open?.errors.push(words.join(' '));
    } else if (verb === 'end') {
      const [name, ...status] = words;
      if (open !== null) close(open.name === name ? sectionStatus(status) : { kind: 'cut' });
    } else if (verb === 'done') {
      complete = true;
    }
  }
  close({ kind: 'cut' });
  return { started, complete, sections };
}

function sectionStatus([kind, ...rest]: readonly string[]): SectionStatus {
  switch (kind) {
    case 'ok':
    case 'root':
    case 'timeout':
      return { kind };
    case 'fail':
      return { kind: 'fail', code: Number(rest[0] ?? 1) };
    case 'missing':
      return { kind: 'missing', what: rest.join(' ') };
    default:
      return { kind: 'cut' };
  }
}
