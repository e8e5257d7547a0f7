/** Checks of machines whose trouble keeps a node from being Ready. */
export const nodeReasons = ['hosts', 'certs', 'swap-zero', 'cgroup-v2', 'modules', 'runtime-binaries', 'runtime-service', 'kubelet-service'];

/** Checks of machines whose trouble keeps pods from reaching each other. */
export const networkReasons = ['modules', 'sysctl'];

/** Checks of machines whose trouble takes GPUs away from pods. */
export const gpuReasons = ['nouveau-absent', 'driver-next-kernel', 'driver-lib-match', 'modules', 'gpu-xid', 'nvidia-smi', 'nvidia-lowlevel', 'cdi-spec'];
