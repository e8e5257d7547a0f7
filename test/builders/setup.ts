import type {
  Cell,
  CellState,
  Setup,
  SetupCatalogue,
  SetupChoice,
  SetupDesk,
  SetupHost,
  SetupOutline,
  SetupStep,
  SetupVariable,
  StepPage,
} from '../../src/state/setup.js';
import { now } from './snapshot.js';

const minute = 60_000;

/** The lab's three machines, as somebody typed them. */
export const labHosts: readonly SetupHost[] = [
  { name: 'controlplane', address: '10.0.0.10', roles: ['control-plane', 'gpu'] },
  { name: 'gpu-1', address: '10.0.0.11', roles: ['gpu'] },
  { name: 'gpu-2', address: '10.0.0.12', roles: ['gpu'] },
];

export function aChoice(overrides: Partial<SetupChoice> = {}): SetupChoice {
  return { profile: 'single-node-crio-calico-a16', playbooks: [], hosts: labHosts, values: {}, seat: 'first-control-plane', ...overrides };
}

/** A safe step on all three hosts, which can be undone. */
export function aStep(overrides: Partial<SetupStep> & { readonly id: string }): SetupStep {
  return {
    playbook: 'host-prep',
    title: overrides.id,
    why: 'The kubelet refuses to start without it.',
    risk: 'safe',
    needs: [],
    on: labHosts.map(({ name }) => name),
    reportOnly: false,
    reboots: false,
    canUndo: true,
    replaces: null,
    ...overrides,
  };
}

const everywhere = labHosts.map(({ name }) => name);
const first = ['controlplane'];
const cluster = ['cluster'];

/** Steps from the bare machine to a GPU pod, in their order. */
export const labSteps: readonly SetupStep[] = [
  aStep({ id: 'apt-base', title: 'Install what all steps use' }),
  aStep({ id: 'time-sync', title: 'Keep the clocks together' }),
  aStep({ id: 'hosts-file', title: 'Know each other by name' }),
  aStep({
    id: 'swap-off',
    title: 'Turn swap off',
    why: 'The kubelet refuses to start while swap is on, and a node that swaps answers too late to be trusted. The entry in /etc/fstab is commented out as well, so that swap stays off after a reboot.',
    risk: 'disruptive',
    replaces: 'The older guides ran swapoff -a alone; after the next reboot swap was on again and the kubelet stayed down.',
  }),
  aStep({ id: 'modules-k8s', title: 'Load overlay and br_netfilter', needs: ['apt-base'] }),
  aStep({ id: 'sysctl-k8s', title: 'Let bridged packets be seen and forwarded', needs: ['modules-k8s'] }),
  aStep({ id: 'crio-repo', title: 'Trust the CRI-O repository', playbook: 'cri-o', needs: ['apt-base'] }),
  aStep({ id: 'crio-install', title: 'Install CRI-O', playbook: 'cri-o', needs: ['crio-repo'] }),
  aStep({ id: 'crio-config', title: 'Set the cgroup driver and the pause image', playbook: 'cri-o', needs: ['crio-install'], risk: 'disruptive' }),
  aStep({ id: 'kube-packages', title: 'Install kubeadm, kubelet and kubectl, and hold them', playbook: 'kubernetes-packages', needs: ['apt-base'] }),
  aStep({
    id: 'kubeadm-init',
    title: 'Begin the control plane',
    playbook: 'kubeadm',
    on: first,
    needs: ['kube-packages', 'swap-off', 'sysctl-k8s', 'crio-config'],
    risk: 'disruptive',
  }),
  aStep({ id: 'kubeadm-join', title: 'Join the workers', playbook: 'kubeadm', on: ['gpu-1', 'gpu-2'], needs: ['kubeadm-init', 'kube-packages'] }),
  aStep({ id: 'calico-install', title: 'Install Calico by its operator', playbook: 'calico', on: cluster, needs: ['kubeadm-init'] }),
  aStep({ id: 'nvidia-driver', title: 'Install the NVIDIA driver', playbook: 'gpu', risk: 'needs-reboot', reboots: true, needs: ['apt-base'] }),
  aStep({ id: 'nvidia-toolkit', title: 'Give containers their GPUs', playbook: 'gpu', needs: ['nvidia-driver', 'crio-install'] }),
  aStep({ id: 'device-plugin', title: 'Offer GPUs to pods', playbook: 'gpu', on: cluster, needs: ['kubeadm-init'] }),
  aStep({ id: 'etcd-reset', title: 'Empty etcd', playbook: 'maintenance', on: first, risk: 'destructive', canUndo: false }),
  aStep({ id: 'bios-above-4g', title: 'Above-4G decoding is on', playbook: 'maintenance', reportOnly: true, canUndo: false }),
];

export function aVariable(overrides: Partial<SetupVariable> & { readonly name: string }): SetupVariable {
  return {
    title: overrides.name,
    help: 'What it is for.',
    type: 'text',
    choices: [],
    value: null,
    origin: 'default',
    secret: false,
    problem: null,
    ...overrides,
  };
}

export const labVariables: readonly SetupVariable[] = [
  aVariable({
    name: 'RUNTIME',
    title: 'Container runtime',
    type: 'choice',
    choices: ['crio', 'containerd'],
    value: 'crio',
    origin: 'profile',
    help: 'Which program runs the containers.',
  }),
  aVariable({
    name: 'CNI',
    title: 'Pod network',
    type: 'choice',
    choices: ['calico', 'flannel'],
    value: 'calico',
    origin: 'profile',
    help: 'Which network plugin connects the pods.',
  }),
  aVariable({
    name: 'GPU_STACK',
    title: 'How GPUs are offered',
    type: 'choice',
    choices: ['device-plugin', 'operator', 'none'],
    value: 'device-plugin',
    origin: 'profile',
  }),
  aVariable({ name: 'K8S_MINOR', title: 'Kubernetes', type: 'version', value: '1.36', help: 'The minor version; the newest patch of it is installed.' }),
  aVariable({ name: 'DRIVER_BRANCH', title: 'NVIDIA driver branch', type: 'version', value: '580' }),
  aVariable({
    name: 'POD_CIDR',
    title: 'Addresses of pods',
    type: 'cidr',
    value: '10.244.0.0/16',
    help: 'A network that nothing else uses: pods get their addresses from it.',
  }),
  aVariable({ name: 'SERVICE_CIDR', title: 'Addresses of services', type: 'cidr', value: '10.96.0.0/12' }),
  aVariable({ name: 'NODE_CIDR', title: 'Network of the hosts', type: 'cidr', value: '10.0.0.0/24', origin: 'detected' }),
  aVariable({ name: 'ADMIN_USER', title: 'Who gets a kubeconfig', type: 'user', value: 'ops', origin: 'detected' }),
  aVariable({ name: 'GRAFANA_PASSWORD', title: 'Password of Grafana', secret: true, origin: 'none', problem: 'it has to be given: at least 12 characters' }),
  aVariable({ name: 'NFS_PATH', title: 'What NFS shares', type: 'path', value: '/srv/nfs/kubernetes' }),
];

export function anOutline(overrides: Partial<SetupOutline> = {}): SetupOutline {
  return {
    cluster: 'lab',
    choice: aChoice(),
    variables: labVariables,
    problems: [],
    warnings: [],
    steps: labSteps,
    columns: [...everywhere, 'cluster'],
    ...overrides,
  };
}

/** A setup that is open: all is done but what is said; `states` by `step column`, or by step for all its columns. */
export function aSetup(states: Readonly<Record<string, CellState>> = {}, overrides: Partial<Setup> = {}): Setup {
  const outline = overrides.outline ?? anOutline();
  const cells = outline.steps.flatMap((step) =>
    step.on.map((column): [string, Cell] => {
      const state = states[`${step.id} ${column}`] ?? states[step.id] ?? { state: 'done', said: null };
      return [`${step.id} ${column}`, { step: step.id, column, state, at: now - 4 * minute }];
    }),
  );
  return { outline, cells: new Map(cells), run: 'idle', startedAt: null, ...overrides };
}

/** Three weeks later somebody has been at gpu-1 by hand. */
export const drifted: Extract<CellState, { readonly state: 'drifted' }> = {
  state: 'drifted',
  why: 'net.ipv4.ip_forward is 0, and /etc/sysctl.d/99-kubernetes.conf is not as it was written',
  diff: [
    '--- /etc/sysctl.d/99-kubernetes.conf',
    '+++ /etc/sysctl.d/99-kubernetes.conf (as it should be)',
    '@@ -1,3 +1,3 @@',
    ' net.bridge.bridge-nf-call-iptables = 1',
    '-net.ipv4.ip_forward = 0',
    '+net.ipv4.ip_forward = 1',
    ' net.bridge.bridge-nf-call-ip6tables = 1',
  ],
};

/** kubeadm found swap on. */
export const swapFailure: CellState = {
  state: 'failed',
  why: '[ERROR Swap]: running with swap on is not supported, please disable swap',
  diagnosis: {
    signature: 'swap-on',
    line: '[ERROR Swap]: running with swap on is not supported, please disable swap',
    cause: 'swap is still on',
    step: 'swap-off',
    remedy: 'Turn swap off now and in /etc/fstab.',
  },
};

export const labCatalogue: SetupCatalogue = {
  profiles: [
    {
      id: 'single-node-crio-calico-a16',
      title: 'One machine with CRI-O, Calico and its own GPUs',
      about: 'A whole cluster on one machine, such as a workstation with an A16: control plane and GPU worker in one. Further workers can be joined later.',
      playbooks: ['host-prep', 'cri-o', 'kubernetes-packages', 'kubeadm', 'calico', 'gpu'],
      hosts: [
        { role: 'control-plane', atLeast: 1, atMost: 1 },
        { role: 'gpu', atLeast: 1, atMost: null },
      ],
    },
    {
      id: 'single-node-containerd-flannel',
      title: 'One machine with containerd and Flannel',
      about: 'The smallest cluster that works.',
      playbooks: ['host-prep', 'kubernetes-packages', 'kubeadm', 'gpu'],
      hosts: [{ role: 'control-plane', atLeast: 1, atMost: 1 }],
    },
    {
      id: 'ha-haproxy-calico',
      title: 'Three control planes behind HAProxy',
      about: 'A cluster that goes on when a machine is lost: HAProxy before three control planes, with GPU workers.',
      playbooks: ['host-prep', 'cri-o', 'kubernetes-packages', 'kubeadm', 'calico', 'gpu', 'maintenance'],
      hosts: [
        { role: 'load-balancer', atLeast: 1, atMost: 1 },
        { role: 'control-plane', atLeast: 3, atMost: 3 },
        { role: 'gpu', atLeast: 1, atMost: null },
      ],
    },
    {
      id: 'lab-nfs-flannel',
      title: 'A lab with NFS and Flannel',
      about: 'Several masters that share one NFS server.',
      playbooks: ['host-prep', 'kubeadm'],
      hosts: [{ role: 'nfs-server', atLeast: 1, atMost: 1 }],
    },
    {
      id: 'gpu-operator-observability',
      title: 'GPU operator and monitoring',
      about: 'Onto a cluster that is there: the GPU operator, Prometheus and Grafana.',
      playbooks: ['gpu'],
      hosts: [],
    },
  ],
  playbooks: [
    playbook('host-prep', 'Prepare the hosts'),
    playbook('cri-o', 'CRI-O'),
    playbook('kubernetes-packages', 'Kubernetes packages'),
    playbook('kubeadm', 'Bring the cluster up with kubeadm'),
    playbook('calico', 'Calico'),
    playbook('gpu', 'GPUs: driver, toolkit, device plugin'),
    playbook('maintenance', 'Maintenance'),
  ],
  problems: [],
};

function playbook(id: string, title: string): SetupCatalogue['playbooks'][number] {
  return {
    id,
    title,
    about: `${title}: step by step, each of them looked at first.`,
    file: null,
    steps: labSteps.filter((step) => step.playbook === id).map(({ id: step, title: name, risk }) => ({ id: step, title: name, risk })),
  };
}

/** The page of a step, with the commands that it would run. */
export function aStepPage(id: string, column: string, overrides: Partial<StepPage> = {}): StepPage {
  return {
    step: labSteps.find((step) => step.id === id) ?? aStep({ id }),
    column,
    state: { state: 'missing', why: null },
    check: [
      '[ -z "$(swapon --noheadings --show=NAME)" ] || missing "swap is on: $(swapon --noheadings --show=NAME)"',
      "grep -Eq '^[^#].*\\sswap\\s' /etc/fstab && missing 'an entry in /etc/fstab turns it on again'",
    ],
    apply: ['swapoff -a', 'backup /etc/fstab', '# The entry stays readable for whoever looks for it.', "sed -i -E '/^[^#].*\\sswap\\s/s/^/# /' /etc/fstab"],
    verify: [],
    undo: ['restore /etc/fstab', 'swapon -a'],
    files: [],
    output: [],
    ...overrides,
  };
}

/** A desk that answers at once, and remembers in `asked` what was asked of it. */
export function aDesk(overrides: Partial<SetupDesk> = {}): SetupDesk & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const note = (text: string) => {
    asked.push(text.trimEnd());
    return Promise.resolve();
  };
  return {
    asked,
    catalogue: async () => labCatalogue,
    lastChoice: async () => null,
    outline: async (choice) => anOutline({ choice }),
    detect: (choice) => note(`detect ${choice.hosts.length}`).then(() => ({ NODE_CIDR: '10.0.0.0/24' })),
    open: (choice, secrets) => note(`open ${choice.profile ?? choice.playbooks.join(' ')} ${Object.keys(secrets).join(' ')}`),
    check: (cells) => note(`check ${(cells ?? []).map(({ step, column }) => `${step} ${column}`).join(', ')}`),
    page: async (step, column) => aStepPage(step, column),
    run: ({ steps, columns, stepByStep, typed }) =>
      note(`run ${steps?.join(' ') ?? 'all'} on ${columns?.join(' ') ?? 'all'}${stepByStep ? ' step by step' : ''}${typed === null ? '' : ` typed ${typed}`}`),
    next: () => void note('next'),
    answer: (step, column, answer) => note(`${answer} ${step} ${column}`),
    undo: (step, column, typed) => note(`undo ${step} ${column} ${typed ?? ''}`),
    stop: () => void note('stop'),
    shell: async (column) => ['ssh', column],
    script: async () => '#!/bin/bash\nset -euo pipefail\n',
    settled: async () => undefined,
    close: async () => undefined,
    ...overrides,
  };
}
