import { versions } from '../../seed/nodes.js';
import type { MachineHost } from '../machine-host.js';
import { ok, type Section } from './section.js';

/** The container runtime: its programs and what its configuration says of nvidia. */
export function runtimeSections({ machine }: MachineHost): Section[] {
  const crio = machine.hardware.runtime === 'cri-o';
  const gpus = machine.gpus > 0;
  const toolkit = gpus
    ? [
        '/usr/bin/nvidia-container-runtime\t',
        '/usr/bin/nvidia-container-cli\tcli-version: 1.19.1',
        '/usr/bin/nvidia-ctk\tNVIDIA Container Toolkit CLI version 1.19.1',
      ]
    : [];
  const own = crio
    ? [
        `/usr/bin/crio\tcrio version ${versions.crio}`,
        '/usr/libexec/crio/conmon\tconmon version 2.2.0',
        '/usr/libexec/crio/crun\tcrun version 1.26',
        '/usr/libexec/crio/runc\trunc version 1.4.1',
      ]
    : [`/usr/bin/runc\trunc version 1.4.1`, `/usr/bin/containerd\tcontainerd containerd.io ${versions.containerd}`];
  const kubernetes = [
    '/usr/bin/crictl\tcrictl version v1.36.0',
    `/usr/bin/kubelet\tKubernetes ${versions.kubernetes}`,
    `/usr/bin/kubeadm\t${versions.kubernetes}`,
  ];
  return [ok('runtime-binaries', [...own, ...toolkit, ...kubernetes]), ok('runtime-config', crio ? crioConfig(gpus) : containerdConfig(gpus))];
}

function containerdConfig(gpus: boolean): string[] {
  const runtimes = "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes";
  return [
    '== endpoint unix:///run/containerd/containerd.sock',
    '== containerd config dump',
    'version = 3',
    "imports = ['/etc/containerd/conf.d/*.toml']",
    "[plugins.'io.containerd.cri.v1.images']",
    "      sandbox = 'registry.k8s.io/pause:3.10.1'",
    "[plugins.'io.containerd.cri.v1.runtime']",
    '    enable_cdi = true',
    "    cdi_spec_dirs = ['/etc/cdi', '/var/run/cdi']",
    "[plugins.'io.containerd.cri.v1.runtime'.containerd]",
    "      default_runtime_name = 'runc'",
    ...(gpus
      ? [
          `${runtimes}.nvidia]`,
          "          runtime_type = 'io.containerd.runc.v2'",
          `${runtimes}.nvidia.options]`,
          "            BinaryName = '/usr/bin/nvidia-container-runtime'",
          '            SystemdCgroup = true',
        ]
      : []),
    `${runtimes}.runc]`,
    "          runtime_type = 'io.containerd.runc.v2'",
    `${runtimes}.runc.options]`,
    '            SystemdCgroup = true',
  ];
}

function crioConfig(gpus: boolean): string[] {
  return [
    '== endpoint unix:///var/run/crio/crio.sock',
    '== crio status config',
    '[crio.runtime]',
    '  default_runtime = "crun"',
    '  cgroup_manager = "systemd"',
    '[crio.runtime.runtimes.crun]',
    '  runtime_path = "/usr/libexec/crio/crun"',
    '  monitor_path = "/usr/libexec/crio/conmon"',
    ...(gpus ? ['[crio.runtime.runtimes.nvidia]', '  runtime_path = "/usr/bin/nvidia-container-runtime"', '  monitor_path = "/usr/libexec/crio/conmon"'] : []),
    '[crio.image]',
    '  pause_image = "registry.k8s.io/pause:3.10.1"',
  ];
}
