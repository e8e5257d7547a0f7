/** Answers of the probe as real machines give them, made for these tests. */

export interface AnswerOptions {
  readonly mark?: string;
  /** Sections that answer otherwise: lines of the body, then the end's status; null leaves a section out. */
  readonly with?: Readonly<Record<string, readonly [body: string, status?: string] | null>>;
}

/** An Ubuntu 24.04 worker with CRI-O and one A16 board (four GPUs), all well, asked as root. */
export function ubuntuAnswer({ mark = 'm1', with: changes = {} }: AnswerOptions = {}): string {
  const sections = { ...ubuntu, ...changes };
  const framed = Object.entries(sections).map(([name, section]) => (section === null ? '' : sectionText(mark, name, section[0], section[1])));
  return `\n@@${mark} start 1\n${framed.join('')}@@${mark} done\n`;
}

export function sectionText(mark: string, name: string, body: string, status = 'ok'): string {
  const lines = body.split('\n').filter((line) => line !== '');
  const framed = lines.map((line) => (line.startsWith('err ') ? `@@${mark} ${line}\n` : `|${line}\n`));
  return `@@${mark} begin ${name}\n${framed.join('')}@@${mark} end ${name} ${status}\n`;
}

export const bootId = '6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001';

/** Second of the epoch at which the Ubuntu worker's clock stood: 2026-11-02 14:02:11.250 UTC. */
export const hostClock = 1793628131.25;

const ubuntu: Readonly<Record<string, readonly [body: string, status?: string] | null>> = {
  clock: ['1793628131.250000000'],
  boot: [`${bootId}\nbtime 1793541731`],
  system: [
    'hostname gpu-1\nkernel 6.8.0-94-generic\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="24.04.3 LTS (Noble Numbat)"\nID=ubuntu\nID_LIKE=debian',
  ],
  load: ['1.52 1.10 0.98 3/1245 48211\ncpus 64'],
  memory: [
    'MemTotal:       528282624 kB\nMemFree:        400000000 kB\nMemAvailable:   480000000 kB\nBuffers:          812000 kB\nCached:         60000000 kB',
  ],
  pressure: [
    [
      'cpu some avg10=4.20 avg60=3.00 avg300=2.00 total=1',
      'cpu full avg10=0.00 avg60=0.00 avg300=0.00 total=0',
      'memory some avg10=0.50 avg60=0.00 avg300=0.00 total=0',
      'memory full avg10=0.25 avg60=0.00 avg300=0.00 total=0',
      'io some avg10=12.34 avg60=1.00 avg300=0.50 total=5',
      'io full avg10=6.17 avg60=0.90 avg300=0.40 total=4',
    ].join('\n'),
  ],
  swap: ['Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap.img                               file\t\t8388604\t\t0\t\t-2'],
  modules: ['nvidia_uvm\nnvidia\noverlay\nbr_netfilter'],
  sysctls: ['net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nfs.inotify.max_user_instances = 8192'],
  cgroup: ['v2'],
  pci: ['0000:3b:00.0 0x030200 0x25b6 nvidia\n0000:3c:00.0 0x030200 0x25b6 nvidia\n0000:3d:00.0 0x030200 0x25b6 nvidia\n0000:3e:00.0 0x030200 0x25b6 nvidia'],
  cdi: [
    '== /var/run/cdi/nvidia.yaml\nkind: nvidia.com/gpu\ndevices:\n    containerEdits:\nname: "0"\nname: "1"\nname: all\ncontainerEdits:\nlibcuda.so.580.95.05\nlibnvidia-ml.so.580.95.05',
  ],
  'low-level-runtimes': ['yes /usr/libexec/crio/crun\nno runc'],
  'reboot-required': ['no'],
  'time-sync': ['NTPSynchronized=yes'],
  'failed-units': [
    'snapd.seeded.service loaded failed failed Wait until snapd is fully seeded\nnvidia-cdi-refresh.service loaded failed failed Refresh NVIDIA CDI',
  ],
  services: [
    'Id=crio.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nId=containerd.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\nId=kubelet.service\nLoadState=loaded\nActiveState=activating\nUnitFileState=disabled',
  ],
  driver: [
    [
      'module 580.95.05',
      'nvrm NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (root@build)',
      'library /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.580.95.05',
      'package libnvidia-compute-580-server 580.95.05-0ubuntu0.24.04.2 installed',
      'kernel 6.8.0-9-generic module=yes boots=yes',
      'kernel 6.8.0-94-generic module=yes boots=yes',
      'kernel 6.8.0-101-generic module=no boots=yes',
      'kernel 6.11.0-1-old module=no boots=no',
    ].join('\n'),
  ],
  'runtime-binaries': [
    '/usr/bin/crio\tcrio version 1.36.3\n/usr/libexec/crio/crun\tcrun version 1.20\n/usr/bin/nvidia-ctk\tNVIDIA Container Toolkit CLI version 1.20.0\n/usr/bin/nvidia-container-runtime\t',
  ],
  filesystems: [
    [
      '== blocks',
      'Filesystem     1024-blocks     Used Available Capacity Mounted on',
      '/dev/nvme0n1p2   960000000 90000000 821000000      10% /',
      '/dev/mapper/vg-containers 500000000 400000000 100000000 80% /var/lib/containers',
      'pool/old data      1000000  1000500      -500     101% /srv/old data',
      '== inodes',
      'Filesystem       Inodes  IUsed    IFree IUse% Mounted on',
      '/dev/nvme0n1p2 60000000 900000 59100000    2% /',
      'pool/old data         0      0        0     - /srv/old data',
    ].join('\n'),
  ],
  usage: ['bytes 1200000000 /var/cache/apt/archives'],
  holds: ['kubeadm\nkubelet'],
  'runtime-config': [
    '== endpoint unix:///var/run/crio/crio.sock\n== crio status config\n[crio.runtime]\ndefault_runtime = "crun"\n[crio.runtime.runtimes.crun]\n[crio.runtime.runtimes.nvidia]\nmonitor_path = "/usr/libexec/crio/conmon"\n== containerd /etc/containerd/config.toml\nversion = 2',
  ],
  xids: ['== journal\n1793541800.123456 gpu-1 kernel: NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, name=python, GPU has fallen off the bus.'],
  certificates: ['notAfter=Jan  5 09:34:43 2027 GMT /etc/kubernetes/pki/apiserver.crt\nroot /etc/kubernetes/admin.conf'],
  kubeconfigs: ['600 root /etc/kubernetes/admin.conf\n644 ops /home/ops/.kube/config'],
  stores: [
    'journal Archived and active journals take up 904.1M in the file system.\n== imagefs\n{"status":{"imageFilesystems":[{"fsId":{"mountpoint":"/var/lib/containers/storage/overlay-images"},"usedBytes":{"value":"1291296768"}}]}}',
  ],
  'nvidia-smi': ['<?xml version="1.0" ?>\n<nvidia_smi_log>\n<attached_gpus>4</attached_gpus>\n</nvidia_smi_log>'],
  'gpu-processes': ['4242 0::/kubepods.slice/kubepods-pod0aa1.slice/crio-1.scope'],
};
