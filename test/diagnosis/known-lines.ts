import type { Place } from '../../src/diagnosis/signature.js';

/** What software prints when something is wrong, and something like it that means something else. */
export interface KnownLine {
  readonly signature: string;
  readonly where: Place;
  readonly line: string;
  /** Other signatures that this line rightly has as well. */
  readonly also?: readonly string[];
  readonly nearMiss: string;
}

export const knownLines: readonly KnownLine[] = [
  {
    signature: 'driver-library-mismatch',
    where: 'command-output',
    line: 'Failed to initialize NVML: Driver/library version mismatch',
    nearMiss: 'NVML library version: 580.173',
  },
  {
    signature: 'driver-library-mismatch',
    where: 'event',
    line: "Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy' nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown",
    nearMiss:
      'nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown',
  },
  {
    signature: 'driver-library-mismatch',
    where: 'kernel-log',
    line: 'NVRM: API mismatch: the client has the version 580.173.02, but',
    nearMiss: 'NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  580.173.02  Release Build  (dvs-builder@U22-I3-AE18-23-3)',
  },
  {
    signature: 'gpu-access-lost',
    where: 'pod-log',
    line: 'Failed to initialize NVML: Unknown Error',
    nearMiss: 'Failed to initialize NVML: Insufficient Permissions',
  },
  {
    signature: 'driver-not-loaded',
    where: 'command-output',
    line: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
    nearMiss: "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.",
  },
  {
    signature: 'driver-not-loaded',
    where: 'event',
    line: "stderr: Auto-detected mode as 'legacy' nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown",
    nearMiss: 'nvidia-container-cli: initialization error: nvml error: insufficient permissions: unknown',
  },
  {
    signature: 'driver-module-missing',
    where: 'command-output',
    line: 'modprobe: FATAL: Module nvidia not found in directory /lib/modules/6.8.0-95-generic',
    nearMiss: 'modprobe: FATAL: Module nfs not found in directory /lib/modules/6.8.0-95-generic',
  },
  {
    signature: 'driver-module-missing',
    where: 'unit-log',
    line: "Failed to find module 'nvidia_uvm'",
    nearMiss: "Failed to find module 'zfs'",
  },
  {
    signature: 'secure-boot-rejects-driver',
    where: 'command-output',
    line: "modprobe: ERROR: could not insert 'nvidia': Key was rejected by service",
    nearMiss: "modprobe: ERROR: could not insert 'ax88179_178a': Key was rejected by service",
  },
  {
    signature: 'nouveau-owns-gpu',
    where: 'kernel-log',
    line: 'NVRM: GPU 0000:3b:00.0 is already bound to nouveau.',
    nearMiss: 'nouveau 0000:3b:00.0: vgaarb: deactivate vga console',
  },
  {
    signature: 'nouveau-owns-gpu',
    where: 'kernel-log',
    line: 'NVRM: GPU at PCI:0000:3b:00: Failed to enable MSI-X.',
    nearMiss: 'mpt3sas_cm0: Failed to enable MSI-X, falling back to MSI',
  },
  {
    signature: 'nouveau-owns-gpu',
    where: 'command-output',
    line: 'modprobe: FATAL: Module nouveau is in use.',
    nearMiss: 'modprobe: FATAL: Module nvidia is in use.',
  },
  {
    signature: 'gpu-fell-off-bus',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:41:00): 79, pid=1234, name=python3, GPU has fallen off the bus.',
    nearMiss: 'NVRM: Xid (PCI:0000:41:00): 791, pid=1234, name=python3, Ch 00000008',
  },
  {
    signature: 'gpu-fell-off-bus',
    where: 'kernel-log',
    line: 'NVRM: GPU 0000:41:00.0: GPU has fallen off the bus.',
    nearMiss: 'pcieport 0000:40:01.0: AER: Correctable error message received from 0000:41:00.0',
  },
  {
    signature: 'gpu-lost',
    where: 'event',
    line: 'Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = error getting list of preferred allocation devices: unable to get device link information: error getting device handle: nvml: GPU is lost, which is unexpected',
    nearMiss:
      'Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unavailable desc = error reading from server: EOF, which is unexpected',
  },
  {
    signature: 'gpu-lost',
    where: 'command-output',
    line: 'Unable to determine the device handle for GPU0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU',
    nearMiss: 'No devices were found',
  },
  {
    signature: 'double-bit-ecc-error',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:3b:00): 48, pid=<unknown>, name=<unknown>, An uncorrectable double bit error (DBE) has been detected on GPU in the framebuffer at partition 4, subpartition 0.',
    nearMiss: 'NVRM: Xid (PCI:0000:48:00): 92, pid=<unknown>, name=<unknown>, High single-bit ECC error rate detected',
  },
  {
    signature: 'memory-row-retired',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:10:1c): 63, pid=1896, Row Remapper: New row marked for remapping, reset gpu to activate.',
    nearMiss: 'NVRM: Xid (PCI:0000:63:1c): 8, pid=1896, Channel 00000010',
  },
  {
    signature: 'memory-row-retirement-failed',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:10:1c): 64, pid=1896, Row Remapper: All reserved rows for bank are remapped.',
    nearMiss: 'NVRM: Xid (PCI:0000:10:1c): 62, pid=1896, 2c1f(4d3c) 00000000 00000000',
  },
  {
    signature: 'nvlink-error',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:8a:00): 74, pid=<unknown>, name=<unknown>, NVLink: fatal error detected on link 6(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)',
    nearMiss: 'nvidia-nvlink: Nvlink Core is being initialized, major device number 235',
  },
  {
    signature: 'contained-memory-error',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:3b:00): 94, pid=7194, name=python3, Contained: SM (0x1). RST: No, D-RST: No',
    nearMiss: 'NVRM: Xid (PCI:0000:94:00): 119, pid=7194, name=nvidia-smi, Timeout waiting for RPC from GSP!',
  },
  {
    signature: 'uncontained-memory-error',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:3b:00): 95, pid=<unknown>, name=<unknown>, Uncontained: LTC TAG (0x2,0x0). RST: Yes, D-RST: No',
    nearMiss: 'NVRM: Xid (PCI:0000:3b:00): 950, pid=7194, name=python3',
  },
  {
    signature: 'application-gpu-fault',
    where: 'kernel-log',
    line: 'NVRM: Xid (PCI:0000:3b:00): 31, pid=20421, name=python3, Ch 00000008, intr 00000000. MMU Fault: ENGINE GRAPHICS GPCCLIENT_T1_3 faulted @ 0x7f2c_a4000000. Fault is of type FAULT_PDE ACCESS_TYPE_VIRT_READ',
    nearMiss: 'NVRM: Xid (PCI:0000:3b:00): 32, pid=20421, Channel ID 00000008 intr0 00040000',
  },
  {
    signature: 'gpu-marked-unhealthy',
    where: 'pod-log',
    line: 'I1102 14:00:01.512004       1 health.go:163] XidCriticalError: Xid=79 on Device=GPU-8f7d2c1a-52b3-4c0e-9b71-2f6f0a3d9e11; marking device as unhealthy.',
    nearMiss: 'I1102 14:00:01.512004       1 health.go:159] Skipping event {Device:{Handle:0xc0002b} EventType:8 EventData:31 GpuInstanceId:0}',
  },
  {
    signature: 'gpu-marked-unhealthy',
    where: 'pod-log',
    line: "I1102 14:00:01.512113       1 server.go:289] 'nvidia.com/gpu' device marked unhealthy: GPU-8f7d2c1a-52b3-4c0e-9b71-2f6f0a3d9e11",
    nearMiss: "I1102 14:00:01.512113       1 server.go:289] 'nvidia.com/gpu' device marked healthy: GPU-8f7d2c1a-52b3-4c0e-9b71-2f6f0a3d9e11",
  },
  {
    signature: 'device-plugin-sees-no-gpu',
    where: 'pod-log',
    line: 'I1102 14:00:00.124050       1 main.go:381] No devices found. Waiting indefinitely.',
    nearMiss: 'No devices were found',
  },
  {
    signature: 'device-plugin-sees-no-gpu',
    where: 'pod-log',
    line: 'E1102 14:00:00.124011       1 factory.go:113] Incompatible strategy detected auto',
    nearMiss: 'I1102 14:00:00.122231       1 factory.go:107] Detected non-Tegra platform, using NVML strategy (auto)',
  },
  {
    signature: 'device-plugin-bad-strategy',
    where: 'pod-log',
    line: 'E1102 14:00:00.124011       1 main.go:179] invalid --device-discovery-strategy option cdi',
    nearMiss: 'E1102 14:00:00.124011       1 main.go:179] invalid --device-list-strategy option: cdi',
  },
  {
    signature: 'insufficient-gpus',
    where: 'pod-status',
    line: '0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    nearMiss: '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
  },
  {
    signature: 'admitted-before-device-plugin',
    where: 'event',
    line: 'Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected',
    nearMiss:
      'Allocate failed due to rpc error: code = Unknown desc = invalid request for sharing GPU (MPS), at most 1 nvidia.com/gpu can be requested on multi-GPU nodes',
  },
  {
    signature: 'admitted-before-device-plugin',
    where: 'pod-status',
    line: 'Pod was rejected: Allocate failed due to no healthy devices present; cannot allocate unhealthy devices nvidia.com/gpu, which is unexpected',
    nearMiss: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  },
  {
    signature: 'profiling-metrics-unsupported',
    where: 'pod-log',
    line: 'time=2026-11-02T14:00:02Z level=INFO msg="Not collecting DCP metrics: This request is serviced by a module of DCGM that is not currently loaded"',
    nearMiss: 'time=2026-11-02T14:00:02Z level=INFO msg="Collecting DCP Metrics"',
  },
  {
    signature: 'dcgm-not-root',
    where: 'pod-log',
    line: 'time=2026-11-02T14:00:02Z level=ERROR msg="Failed to watch metrics" error="error watching fields: Host engine is running as non-root"',
    nearMiss: 'time=2026-11-02T14:00:02Z level=INFO msg="DCGM successfully initialized!"',
  },
  {
    signature: 'dcgm-hostengine-unreachable',
    where: 'pod-log',
    line: 'time=2026-11-02T14:00:01Z level=INFO msg="Attempting to connect to remote hostengine at nvidia-dcgm:5555"',
    nearMiss: 'time=2026-11-02T14:00:01Z level=INFO msg="Attempting to initialize DCGM."',
  },
  {
    signature: 'driver-too-old-for-image',
    where: 'pod-status',
    line: 'RunContainerError: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error running prestart hook #0: exit status 1, stdout: , stderr: nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.9, please update your driver to a newer version, or use an earlier cuda container: unknown',
    nearMiss: 'the guest never reported a ready platform; last unsatisfied condition: no address',
  },
  {
    signature: 'fabric-manager-missing',
    where: 'pod-log',
    line: 'RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized',
    nearMiss: 'fts: optimize subsystem not yet initialized',
  },
  {
    signature: 'inforom-corrupted',
    where: 'command-output',
    line: 'WARNING: infoROM is corrupted at gpu 0000:41:00.0',
    nearMiss: 'InfoROM Object Version: G500.0200.00.05',
  },
  {
    signature: 'conmon-not-found',
    where: 'unit-log',
    line: `crio[1044]: time="2026-11-02 14:00:01.123456789Z" level=fatal msg="validating runtime config: monitor fields translation: failed to translate monitor fields for runtime nvidia: exec: \\"conmon\\": executable file not found in $PATH"`,
    nearMiss: `crio[1044]: time="2026-11-02 14:00:01.123456789Z" level=info msg="Using conmon executable: /usr/libexec/crio/conmon"`,
  },
  {
    signature: 'low-level-runtime-not-found',
    where: 'event',
    line: 'Error: container create failed: error constructing low-level runtime: error locating runtime: no runtime binary found from candidate list: [runc crun]',
    nearMiss: 'Error: container create failed: error constructing low-level runtime: permission denied',
  },
  {
    signature: 'no-nvidia-runtime-in-containerd',
    where: 'event',
    line: 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "nvidia" is configured',
    nearMiss: 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured',
  },
  {
    signature: 'no-nvidia-runtime-in-containerd',
    where: 'unit-log',
    line: String.raw`kubelet[912]: E1102 14:00:12.100000     912 log.go:32] "RunPodSandbox from runtime service failed" err="rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for \"nvidia\" is configured"`,
    nearMiss: 'containerd[801]: time="2026-11-02T14:00:12Z" level=info msg="loading plugin" id=io.containerd.runtime.v2.task type=io.containerd.runtime.v2',
  },
  {
    signature: 'no-nvidia-runtime-in-crio',
    where: 'event',
    line: 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to find runtime handler nvidia from runtime list map[crun:0xc0001f8000 runc:0xc0001f8100]',
    nearMiss: 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to find runtime handler runsc from runtime list map[crun:0xc0001f8000]',
  },
  {
    signature: 'cdi-devices-unresolvable',
    where: 'event',
    line: 'Error: failed to create containerd container: CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=GPU-8f7d2c1a-52b3-4c0e-9b71-2f6f0a3d9e11',
    nearMiss: 'Error: failed to create containerd container: CDI device injection failed: unresolvable CDI devices vendor.example/nic=eth1',
  },
  {
    signature: 'operator-init-fails-on-crio',
    where: 'pod-status',
    line: 'Init:RunContainerError: container create failed: time="2026-11-02T14:00:12Z" level=error msg="runc create failed"',
    nearMiss: 'RunContainerError: container create failed: time="2026-11-02T14:00:12Z" level=error msg="runc create failed"',
  },
  {
    signature: 'cri-not-implemented',
    where: 'command-output',
    line: 'validate CRI v1 runtime API for endpoint "unix:///var/run/containerd/containerd.sock": rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService',
    nearMiss: 'rpc error: code = Unimplemented desc = unknown service containerd.services.events.v1.Events',
  },
  {
    signature: 'cri-not-implemented',
    where: 'unit-log',
    line: 'kubelet[912]: E1102 14:00:12.100000 912 run.go:74] "command failed" err="failed to run Kubelet: validate service connection: rpc error: code = Unimplemented desc = unknown service runtime.v1alpha2.RuntimeService"',
    nearMiss: 'kubelet[912]: E1102 14:00:12.100000 912 run.go:74] "command failed" err="failed to load kubelet config file"',
  },
  {
    signature: 'cgroup-driver-mismatch',
    where: 'event',
    line: String.raw`Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: OCI runtime create failed: runc create failed: expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"/kubepods/besteffort/pod7690535a/449b\" instead: unknown`,
    nearMiss: 'Failed to create pod sandbox: OCI runtime create failed: unable to apply cgroup configuration: unit kubepods-besteffort.slice already exists',
  },
  {
    signature: 'unit-program-missing',
    where: 'unit-log',
    line: 'crio.service: Main process exited, code=exited, status=203/EXEC',
    nearMiss: 'crio.service: Main process exited, code=exited, status=1/FAILURE',
  },
  {
    signature: 'unit-program-missing',
    where: 'unit-log',
    line: "crio.service: Unable to locate executable '/usr/bin/crio': No such file or directory",
    nearMiss: "crio.service: Failed with result 'exit-code'.",
  },
  {
    signature: 'sandbox-image-differs',
    where: 'command-output',
    line: 'W1021 17:09:44.553900 1036588 checks.go:830] detected that the sandbox image "registry.k8s.io/pause:3.10" of the container runtime is inconsistent with that used by kubeadm. It is recommended to use "registry.k8s.io/pause:3.10.1" as the CRI sandbox image.',
    nearMiss: 'I1223 02:31:06.370401 1574840 checks.go:832] using image pull policy: IfNotPresent',
  },
  {
    signature: 'swap-on',
    where: 'unit-log',
    line: 'kubelet[912]: E1102 14:00:12.100000 912 run.go:74] "command failed" err="failed to run Kubelet: running with swap on is not supported, please disable swap or set --fail-swap-on flag to false. /proc/swaps contained: [Filename Type Size Used Priority /swap.img file 8388604 0 -2]"',
    nearMiss: 'kubelet[912]: I1102 14:00:12.100000 912 swap_util.go:113] "Swap is on" /proc/swaps contents="Filename Type Size Used Priority"',
  },
  {
    signature: 'swap-on',
    where: 'command-output',
    line: '[WARNING Swap]: swap is supported for cgroup v2 only. The kubelet must be properly configured to use swap.',
    nearMiss: 'I0902 14:50:15.170013 230 checks.go:685] validating whether swap is enabled or not',
  },
  {
    signature: 'network-sysctl-off',
    where: 'command-output',
    line: '[ERROR FileContent--proc-sys-net-ipv4-ip_forward]: /proc/sys/net/ipv4/ip_forward contents are not set to 1',
    nearMiss: 'I1021 17:09:44.553900 1036588 checks.go:331] validating the contents of file /proc/sys/net/ipv4/ip_forward',
  },
  {
    signature: 'version-skew',
    where: 'command-output',
    line: '[ERROR KubeletVersion]: the kubelet version is higher than the control plane version. This is not a supported version skew and may lead to a malfunctional cluster. Kubelet version: "1.36.2" Control plane version: "1.35.9"',
    nearMiss: 'I1021 17:09:44.553900 1036588 checks.go:616] validating kubelet version',
  },
  {
    signature: 'version-skew',
    where: 'command-output',
    line: '[WARNING KubernetesVersion]: Kubernetes version is greater than kubeadm version. Please consider to upgrade kubeadm. Kubernetes version: 1.37.1. Kubeadm version: 1.36.x',
    nearMiss: '[init] Using Kubernetes version: v1.37.1',
  },
  {
    signature: 'etcd-space-exceeded',
    where: 'pod-log',
    line: 'E1102 14:00:12.100000       1 status.go:71] "Unhandled Error" err="apiserver received an error that is not an metav1.Status: rpctypes.EtcdError{code:0x8, desc:\\"etcdserver: mvcc: database space exceeded\\"}"',
    nearMiss: 'E1102 14:00:12.100000       1 status.go:71] apiserver received an error: etcdserver: mvcc: required revision has been compacted',
  },
  {
    signature: 'etcd-disk-slow',
    where: 'pod-log',
    line: '{"level":"warn","ts":"2026-11-02T14:00:12.100Z","caller":"wal/wal.go:805","msg":"slow fdatasync","took":"2.331012521s","expected-duration":"1s"}',
    nearMiss: '{"level":"info","ts":"2026-11-02T14:00:12.100Z","caller":"wal/wal.go:785","msg":"created a new WAL segment"}',
  },
  {
    signature: 'etcd-disk-slow',
    where: 'pod-log',
    line: '{"level":"warn","ts":"2026-11-02T14:00:12.100Z","caller":"txn/util.go:93","msg":"apply request took too long","took":"1.57s","expected-duration":"100ms"}',
    nearMiss: '{"level":"info","ts":"2026-11-02T14:00:12.100Z","caller":"traceutil/trace.go:171","msg":"trace[1837] range","duration":"112ms"}',
  },
  {
    signature: 'certificate-expired',
    where: 'unit-log',
    line: 'kubelet[912]: E1102 14:00:12.100000 912 bootstrap.go:266] part of the existing bootstrap client certificate in /etc/kubernetes/kubelet.conf is expired: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-02T14:00:12Z is after 2026-11-01T09:12:44Z',
    nearMiss: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  },
  {
    signature: 'too-many-open-files',
    where: 'pod-log',
    line: 'E1102 14:00:00.121411       1 main.go:182] failed to create FS watcher for /var/lib/kubelet/device-plugins/: too many open files',
    nearMiss: 'accept4: too many open files in system; retrying in 1s',
  },
  {
    signature: 'too-many-open-files',
    where: 'command-output',
    line: 'failed to create fsnotify watcher: too many open files',
    nearMiss: 'failed to create fsnotify watcher, falling back to pure polling',
  },
  {
    signature: 'join-token-expired',
    where: 'command-output',
    line: 'error execution phase preflight: couldn\'t validate the identity of the API Server: could not find a JWS signature in the cluster-info ConfigMap for token ID "xbzz28"',
    nearMiss:
      'error execution phase preflight: couldn\'t validate the identity of the API Server: Get "https://10.0.0.10:6443/api/v1/namespaces/kube-public/configmaps/cluster-info": context deadline exceeded',
  },
  {
    signature: 'certificate-key-expired',
    where: 'command-output',
    line: 'error execution phase control-plane-prepare/download-certs: error downloading certs: error downloading the secret: Secret "kubeadm-certs" was not found in the "kube-system" Namespace. This Secret might have expired.',
    nearMiss: 'Error from server (NotFound): secrets "grafana-admin" not found',
  },
  {
    signature: 'pod-security-violation',
    where: 'event',
    line: 'Error creating: pods "nvidia-device-plugin-daemonset-x7k2p" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "device-plugin")',
    nearMiss:
      'Error creating: pods "trainer-0" is forbidden: exceeded quota: gpu-quota, requested: requests.nvidia.com/gpu=8, used: requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=8',
  },
  {
    signature: 'kubelet-certificate-without-address',
    where: 'pod-log',
    line: `E1102 14:00:12.100000       1 scraper.go:149] "Failed to scrape node" err="Get \\"https://10.0.0.12:10250/metrics/resource\\": tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.12 because it doesn't contain any IP SANs" node="gpu-2"`,
    nearMiss: 'tls: failed to verify certificate: x509: certificate is valid for 10.96.0.1, 10.0.0.10, not 10.0.0.12',
  },
  {
    signature: 'helm-operation-pending',
    where: 'command-output',
    line: 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress',
    nearMiss: 'Error: UPGRADE FAILED: context deadline exceeded',
  },
  {
    signature: 'kubeconfig-not-readable',
    where: 'command-output',
    line: 'error: error loading config file "/home/ops/.kube/config": open /home/ops/.kube/config: permission denied',
    nearMiss: 'error: error loading config file "/etc/kubernetes/admin.conf": open /etc/kubernetes/admin.conf: permission denied',
  },
  {
    signature: 'evicted-for-disk',
    where: 'event',
    line: 'The node was low on resource: ephemeral-storage. Threshold quantity: 47236936Ki, available: 41200124Ki. Container server was using 10619440Ki, request is 0, has larger consumption of ephemeral-storage.',
    nearMiss: 'Pod ephemeral local storage usage exceeds the total limit of containers 2Gi.',
  },
  {
    signature: 'evicted-for-memory',
    where: 'pod-status',
    line: 'Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, available: 84120Ki. Container server was using 61203312Ki, request is 0, has larger consumption of memory.',
    nearMiss: 'OOMKilled: Memory cgroup out of memory: Killed process 20421 (python3)',
  },
  {
    signature: 'disk-pressure-taint',
    where: 'pod-status',
    line: "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }, 2 node(s) didn't match Pod's node affinity/selector.",
    nearMiss: "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 2 node(s) didn't match Pod's node affinity/selector.",
  },
  {
    signature: 'image-cleanup-finds-too-little',
    where: 'event',
    line: 'Failed to garbage collect required amount of images. Attempted to free 13148397568 bytes, but only found 373573457 bytes eligible to free.',
    nearMiss: 'Disk usage on image filesystem is over the high threshold, trying to free bytes down to the low threshold',
  },
  {
    signature: 'image-pull-rate-limit',
    where: 'event',
    line: 'Failed to pull image "docker.io/library/redis:7": failed to pull and unpack image: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    nearMiss: 'Failed to pull image "nvcr.io/nvidia/pytorch:26.09-py3": toomanyrequests: retry-after: 412.1µs, allowed: 44000/minute',
  },
  {
    signature: 'dns-loop',
    where: 'pod-log',
    line: '[FATAL] plugin/loop: Loop (127.0.0.1:53263 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 5105007174763724602.5236889870439867564."',
    nearMiss: '[INFO] 127.0.0.1:53263 - 28431 "HINFO IN 5105007174763724602.5236889870439867564. udp 57 false 512" NXDOMAIN qr,rd,ra 57 0.012s',
  },
  {
    signature: 'bgp-not-established',
    where: 'event',
    line: 'Readiness probe failed: 2026-11-02 14:00:12.172 [INFO][346] node/health.go 202: Number of node(s) with BGP peering established = 0 calico/node is not ready: BIRD is not ready: BGP not established with 10.0.0.11,10.0.0.12',
    nearMiss: 'Readiness probe failed: calico/node is not ready: felix is not ready: readiness probe reporting 503',
  },
  {
    signature: 'cni-not-initialized',
    where: 'node-status',
    line: 'KubeletNotReady: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    nearMiss: 'KubeletNotReady: container runtime is down',
  },
  {
    signature: 'cni-not-initialized',
    where: 'unit-log',
    line: 'kubelet[919]: E1016 12:38:49.101 919 kubelet.go:2916] "Container runtime network not ready" networkReady="NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: no CNI configuration file in /etc/cni/net.d/. Has your network provider started?"',
    nearMiss: 'crio[1044]: time="2026-11-02T14:00:12Z" level=info msg="Updated default CNI network name to k8s-pod-network"',
  },
  {
    signature: 'br-netfilter-missing',
    where: 'pod-log',
    line: 'E1215 02:48:23.249419       1 main.go:278] Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory',
    nearMiss: 'I1215 02:48:23.249419       1 main.go:523] Found network config - Backend type: vxlan',
  },
  {
    signature: 'pod-cidr-not-assigned',
    where: 'pod-log',
    line: 'E0304 04:04:44.958281       1 main.go:292] Error registering network: failed to acquire lease: node "gpu-2" pod cidr not assigned',
    nearMiss: 'failed to acquire lease: subnet "10.244.0.0/16" specified in the flannel net config doesn\'t contain "10.10.0.0/24" PodCIDR of the "gpu-2" node',
  },
  {
    signature: 'claim-unbound',
    where: 'pod-status',
    line: '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    nearMiss: '0/3 nodes are available: persistentvolumeclaim "models" not found.',
  },
  {
    signature: 'claim-waits-for-consumer',
    where: 'event',
    line: 'waiting for first consumer to be created before binding',
    nearMiss: 'waiting for pod whisper-0 to be scheduled',
  },
  {
    signature: 'control-plane-metrics-on-loopback',
    where: 'target-error',
    line: 'Get "https://10.0.0.10:10257/metrics": dial tcp 10.0.0.10:10257: connect: connection refused',
    nearMiss: 'Get "http://10.0.0.12:9400/metrics": dial tcp 10.0.0.12:9400: connect: connection refused',
  },
  {
    signature: 'no-power-meter',
    where: 'pod-log',
    line: 'time=2026-11-02T14:00:02Z level=ERROR source=service.go:71 msg="failed to initialize service" service=rapl error="no RAPL zones found"',
    nearMiss: 'time=2026-11-02T14:00:02Z level=INFO source=rapl.go:88 msg="RAPL zones found" zones=package-0,dram',
  },
  {
    signature: 'range-too-long',
    where: 'command-output',
    line: 'bad_data: exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    nearMiss: 'execution: query processing would load too many samples into memory in query execution',
  },
  {
    signature: 'backup-location-unavailable',
    where: 'pod-log',
    line: 'time="2026-11-02T14:00:12Z" level=info msg="BackupStorageLocation is invalid, marking as unavailable" backup-storage-location=velero/default controller=backup-storage-location',
    nearMiss:
      'time="2026-11-02T14:00:12Z" level=info msg="BackupStorageLocations is valid, marking as available" backup-storage-location=velero/default controller=backup-storage-location',
  },
  {
    signature: 'backup-location-unavailable',
    where: 'pod-log',
    line: 'time="2026-11-02T14:00:12Z" level=error msg="Current BackupStorageLocations available/unavailable/unknown: 0/1/0" controller=backup-storage-location',
    nearMiss:
      'time="2026-11-02T14:00:12Z" level=info msg="Current BackupStorageLocations available/unavailable/unknown: 1/0/0" controller=backup-storage-location',
  },
  {
    signature: 'legacy-kubernetes-repository',
    where: 'command-output',
    line: "E: The repository 'https://apt.kubernetes.io kubernetes-xenial Release' does not have a Release file.",
    nearMiss: "E: The repository 'https://download.docker.com/linux/ubuntu oracular Release' does not have a Release file.",
  },
  {
    signature: 'conflicting-repository-keys',
    where: 'command-output',
    line: 'E: Conflicting values set for option Signed-By regarding source https://nvidia.github.io/libnvidia-container/stable/deb/amd64/ /: /usr/share/keyrings/nvidia-container-toolkit-keyring.gpg !=',
    nearMiss: 'W: https://nvidia.github.io/libnvidia-container/stable/deb/amd64/InRelease: Key is stored in legacy trusted.gpg keyring',
  },
  {
    signature: 'runtime-class-missing',
    where: 'event',
    line: 'Error creating: pods "whisper-inference-5c98b567b8-" is forbidden: pod rejected: RuntimeClass "nvidia" not found',
    nearMiss:
      'Error creating: pods "whisper-inference-5c98b567b8-" is forbidden: error looking up service account ai/whisper: serviceaccount "whisper" not found',
  },
  {
    signature: 'node-disk-pressure',
    where: 'node-status',
    line: 'KubeletHasDiskPressure: kubelet has disk pressure',
    nearMiss: 'KubeletHasNoDiskPressure: kubelet has no disk pressure',
  },
  {
    signature: 'node-disk-pressure',
    where: 'event',
    line: 'Attempting to reclaim ephemeral-storage',
    nearMiss: 'Attempting to reclaim memory',
  },
  {
    signature: 'cni-folder-missing',
    where: 'pod-log',
    line: '2026-11-02 13:58:51.413 [FATAL][71] cni-config-monitor/token_watch.go 268: Failed to write CNI plugin kubeconfig file error=open /host/etc/cni/net.d/calico-kubeconfig: no such file or directory',
    nearMiss:
      '2026-11-02 13:58:51.413 [WARNING][71] cni-installer/install.go 303: Failed to remove 10-calico.conflist error=remove /host/etc/cni/net.d/10-calico.conflist: permission denied',
  },
  {
    signature: 'prometheus-storage-locked',
    where: 'pod-log',
    line: 'time=2026-11-02T13:58:07Z level=ERROR source=main.go:1330 msg="Fatal error" err="opening storage failed: lock DB directory: resource temporarily unavailable"',
    nearMiss:
      'time=2026-11-02T13:58:07Z level=WARN source=db.go:1001 component=tsdb msg="A lockfile from a previous execution already existed. It was replaced" file=/prometheus/lock',
  },
  {
    signature: 'no-space-left',
    where: 'pod-log',
    line: "OSError: [Errno 28] No space left on device: '/models/whisper-large-v3/model.safetensors'",
    nearMiss: 'Device has 12 GiB of space left',
  },
];
