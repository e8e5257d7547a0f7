import type { GpuDevice, GpuReport } from '../state/gpu-devices.js';

/**
 * The UID of the pod that a cgroup belongs to, from the text of `/proc/PID/cgroup` or one path of it; null outside of pods. Knows cgroup v1 and v2 and both drivers of the kubelet:
 * `/kubepods/burstable/pod<uid>/<id>` (cgroupfs) and `…/kubepods-burstable-pod<uid with _>.slice/cri-containerd-<id>.scope` (systemd; `crio-<id>.scope` with CRI-O),
 * also below the cgroup of a node that is itself a container. Static pods have the 32 hex digits of their manifest's hash (annotation kubernetes.io/config.hash).
 */
export function podUidOfCgroup(text: string): string | null {
  for (const line of text.slice(0, longestCgroup).split('\n')) {
    if (!line.includes('kubepods')) continue;
    // The innermost one counts: a cluster may run inside a pod of another.
    const uid = [...line.matchAll(podSegment)].at(-1)?.[1];
    if (uid !== undefined) return uid.replaceAll('_', '-').toLowerCase();
  }
  return null;
}

const longestCgroup = 16 * 1024;

const podSegment = /(?:^|[/-])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=\.slice|\/|$)/gi;

/**
 * The report with each process' pod, where it has one. `cgroupOf` gives the cgroup text by process number, `podOf` the `namespace/name` by pod UID. Why a pod is not known is
 * kept under `processes[n].pod`.
 */
export function withPods(report: GpuReport, cgroupOf: ReadonlyMap<number, string>, podOf: ReadonlyMap<string, string>): GpuReport {
  if (report.status !== 'ok') return report;
  return { ...report, devices: report.devices.map((device) => deviceWithPods(device, cgroupOf, podOf)) };
}

function deviceWithPods(device: GpuDevice, cgroupOf: ReadonlyMap<number, string>, podOf: ReadonlyMap<string, string>): GpuDevice {
  if (device.processes.length === 0) return device;
  const unavailable = { ...device.unavailable };
  const processes = device.processes.map((process, position) => {
    const found = podOfProcess(cgroupOf.get(process.pid), podOf);
    if (found.pod === null) unavailable[`processes[${position}].pod`] = found.why;
    else delete unavailable[`processes[${position}].pod`];
    return { ...process, pod: found.pod };
  });
  return { ...device, processes, unavailable };
}

function podOfProcess(cgroup: string | undefined, podOf: ReadonlyMap<string, string>): { readonly pod: string } | { readonly pod: null; readonly why: string } {
  if (cgroup === undefined) return { pod: null, why: 'its cgroup is not known' };
  const uid = podUidOfCgroup(cgroup);
  if (uid === null) return { pod: null, why: 'not in a pod' };
  const pod = podOf.get(uid);
  return pod === undefined ? { pod: null, why: `the API does not show the pod with UID ${uid}` } : { pod };
}
