import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/runbooks/outline.js';
import type { SetupChoice, SetupHost, SetupOutline } from '../../src/state/setup.js';
import { catalogueOf, playbook, realVariables } from './runbook-folder.js';

const names = [
  'POD_CIDR',
  'SERVICE_CIDR',
  'NODE_CIDR',
  'API_ENDPOINT',
  'API_PORT',
  'VIRTUAL_ADDRESS',
  'SLICES',
  'K8S_MINOR',
  'CRIO_MINOR',
  'CALICO',
  'CONTAINERD_MIN',
  'METRICS_SERVER',
  'GPU_OPERATOR',
  'DRIVER_BRANCH',
  'HELM',
  'VELERO',
  'VELERO_AWS_PLUGIN',
];

const catalogue = catalogueOf({
  'runbooks/variables.yaml': realVariables,
  'runbooks/node.yaml': playbook('node', {
    base: `check: echo "${names.map((name) => `$${name}`).join(' ')}"`,
    init: 'on: [first-control-plane]',
    pods: 'on: [cluster]',
  }),
  'runbooks/balancer.yaml': playbook('balancer', { haproxy: 'on: [load-balancer]', second: 'on: [other-control-planes, nfs-server]' }),
  'runbooks/one.yaml': playbook('one', { 'one-step': '' }, 'conflicts: [other]\n'),
  'runbooks/other.yaml': playbook('other', { 'other-step': '' }),
  'runbooks/profiles/ha.yaml':
    'id: ha\ntitle: HA\nabout: It.\nplaybooks: [node, balancer]\nhosts: [{role: load-balancer, atLeast: 1, atMost: 1}, {role: control-plane, atLeast: 3}, {role: nfs-server, atMost: 1}]\n',
});

const single: readonly SetupHost[] = [{ name: 'gpu-1', address: '192.168.1.21', roles: ['control-plane', 'gpu'] }];
const three: readonly SetupHost[] = [1, 2, 3].map((number) => ({ name: `cp-${number}`, address: `192.168.1.1${number}`, roles: ['control-plane'] }));
const balancer: SetupHost = { name: 'lb-1', address: '192.168.1.5', roles: ['load-balancer'] };

function outline(choice: Partial<SetupChoice> = {}): SetupOutline {
  const whole: SetupChoice = { profile: null, playbooks: ['node'], hosts: single, values: {}, seat: 'first-control-plane', ...choice };
  return prepare(catalogue, whole, { detected: { NODE_CIDR: '192.168.1.0/24' }, secrets: {}, clusterName: 'lab' }).outline;
}

const problems = (choice: Partial<SetupChoice>) => outline(choice).problems;
const warnings = (choice: Partial<SetupChoice>) => outline(choice).warnings;

describe('a choice that contradicts nothing', () => {
  it('has no problems and no warnings', () => {
    expect(outline()).toMatchObject({ problems: [], warnings: [] });
    expect(outline({ profile: 'ha', playbooks: [], hosts: [balancer, ...three] })).toMatchObject({ problems: [], warnings: [] });
  });
});

describe('networks', () => {
  it.each([
    [
      { POD_CIDR: '10.96.0.0/16' },
      'The networks of the pods (10.96.0.0/16) and of the Services (10.96.0.0/12) overlap: the same address would be a pod and a Service.',
    ],
    [{ POD_CIDR: 'fd00:10::/56' }, 'POD_CIDR and SERVICE_CIDR are of different families (IPv6 and IPv4): pods and Services could not reach each other.'],
    [
      { POD_CIDR: '192.168.0.0/16' },
      'The network of the pods (POD_CIDR 192.168.0.0/16) overlaps that of the nodes (NODE_CIDR 192.168.1.0/24): pods and nodes would have the same addresses.',
    ],
    [
      { POD_CIDR: '192.168.0.0/16' },
      'The network of the pods (POD_CIDR 192.168.0.0/16) holds the address of gpu-1, 192.168.1.21: it would not be reached any more.',
    ],
    [
      { SERVICE_CIDR: '192.168.1.16/28', NODE_CIDR: '10.0.0.0/24' },
      'The network of the Services (SERVICE_CIDR 192.168.1.16/28) holds the address of gpu-1, 192.168.1.21: it would not be reached any more.',
    ],
    [
      { API_ENDPOINT: '10.244.0.9' },
      'The network of the pods (POD_CIDR 10.244.0.0/16) holds the address of API_ENDPOINT, 10.244.0.9: it would not be reached any more.',
    ],
    [{ SERVICE_CIDR: '10.0.0.0/8', POD_CIDR: '172.20.0.0/16' }, 'SERVICE_CIDR 10.0.0.0/8 is too large: the API server takes /12 and smaller.'],
    [{ POD_CIDR: '10.244.0.0/25' }, 'POD_CIDR 10.244.0.0/25 is too small: each node is given a /24 of it.'],
  ])('%j are refused', (values, sentence) => {
    expect(problems({ values })).toContain(sentence);
  });

  it('of pods are enough for all hosts', () => {
    expect(problems({ hosts: [balancer, ...three], values: { POD_CIDR: '10.244.0.0/23' } })).toEqual([
      'POD_CIDR 10.244.0.0/23 is enough for 2 nodes, with a /24 each, and there are 4 hosts.',
    ]);
  });

  it('of nodes that a host is outside of are warned of', () => {
    expect(warnings({ values: { NODE_CIDR: '10.0.0.0/24' } })).toEqual([
      'gpu-1 (192.168.1.21) is outside of NODE_CIDR 10.0.0.0/24: the firewalls of the others keep it out.',
    ]);
  });
});

describe('an inventory', () => {
  it.each([
    [[], 'There is no host yet: give at least one.'],
    [[...single, ...single], 'gpu-1 is in the inventory twice: each host is named once, with all its roles.'],
    [[...single, { ...balancer, address: '192.168.1.21' }], 'gpu-1 and lb-1 have the same address, 192.168.1.21.'],
    [
      [{ ...balancer, name: 'LB_1' }, ...single],
      '"LB_1" cannot be the name of a host: lower-case letters, digits and hyphens, with dots between, as in gpu-1.',
    ],
    [
      [{ ...balancer, name: 'lb-1; reboot' }, ...single],
      '"lb-1; reboot" cannot be the name of a host: lower-case letters, digits and hyphens, with dots between, as in gpu-1.',
    ],
    [[{ ...balancer, name: 'cluster' }, ...single], 'A host cannot be named cluster: that stands for the cluster itself.'],
    [
      [{ ...balancer, address: '-oProxyCommand=x' }, ...single],
      'lb-1 has no address under which it could be reached: "-oProxyCommand=x" is neither an IP address nor a name.',
    ],
    [[{ ...balancer, address: '192.168.1' }, ...single], 'lb-1 has the address 192.168.1, which is no IP address.'],
    [[{ ...balancer, address: '127.0.0.1' }, ...single], 'lb-1 has the address 127.0.0.1, under which each host reaches only itself.'],
    [[balancer], 'kubectl is to run on the first control plane, and no host has the role control-plane.'],
  ])('%j is refused', (hosts, sentence) => {
    expect(problems({ hosts })).toContain(sentence);
  });

  it('needs no host for what is done in a cluster that is there', () => {
    const here = catalogueOf({ 'runbooks/pods.yaml': playbook('pods', { one: 'on: [cluster]' }) });
    const choice: SetupChoice = { profile: null, playbooks: ['pods'], hosts: [], values: {}, seat: 'here' };
    expect(prepare(here, choice, { detected: {}, secrets: {}, clusterName: 'lab' }).outline).toMatchObject({ problems: [], columns: ['cluster'] });
  });

  it('has as many hosts of each role as the profile takes', () => {
    const nfs: readonly SetupHost[] = [1, 2].map((number) => ({ name: `nfs-${number}`, address: `192.168.1.3${number}`, roles: ['nfs-server'] }));
    expect(problems({ profile: 'ha', playbooks: [], hosts: [...three.slice(0, 1), ...nfs] })).toEqual([
      'The profile ha takes 1 host with the role load-balancer, and there are none.',
      'The profile ha takes at least 3 hosts with the role control-plane, and there is 1.',
      'The profile ha takes at most 1 host with the role nfs-server, and there are 2.',
    ]);
  });

  it('with an even number of control planes is warned of', () => {
    expect(warnings({ playbooks: ['node', 'balancer'], hosts: [balancer, ...three.slice(0, 2)] })).toEqual([
      '2 control planes bear the loss of no more hosts than 1: etcd needs more than half of them. Take an odd number.',
    ]);
  });

  it('with a host that has no role is warned of', () => {
    expect(warnings({ hosts: [...single, { name: 'cpu-1', address: '192.168.1.40', roles: [] }] })).toEqual([
      'cpu-1 has no role: only what is done on all hosts is done there.',
    ]);
  });

  it('says of which playbooks nothing is done', () => {
    expect(warnings({ playbooks: ['node', 'balancer'] })).toEqual([
      'Nothing of "The playbook balancer" is done: no host has the role load-balancer, the role control-plane beside the first one and the role nfs-server.',
    ]);
  });
});

describe('the way to the API', () => {
  it('leads through more than one control plane, or that is warned of', () => {
    const sentence = 'There are 3 control planes and no load balancer: the API is reached through one of them alone, and when that is down, through none.';
    expect(warnings({ hosts: three })).toEqual([sentence]);
    expect(warnings({ hosts: three, values: { API_ENDPOINT: 'cp-2' } })).toEqual([sentence]);
    expect(warnings({ hosts: three, values: { API_ENDPOINT: 'k8s.lab.example' } })).toEqual([]);
  });

  it('does not end at two programs on one port', () => {
    const both: readonly SetupHost[] = [{ name: 'cp-1', address: '192.168.1.11', roles: ['control-plane', 'load-balancer'] }];
    const sentence = 'cp-1 is a load balancer and a control plane, and both would listen on port 6443: give API_PORT another value, such as 8443.';
    expect(problems({ playbooks: ['node', 'balancer'], hosts: both })).toEqual([sentence]);
    expect(problems({ playbooks: ['node', 'balancer'], hosts: both, values: { API_PORT: '8443' } })).toEqual([]);
  });

  it('has a virtual address that nobody has, where there are load balancers for it', () => {
    const second: SetupHost = { name: 'lb-2', address: '192.168.1.6', roles: ['load-balancer'] };
    const choice = { playbooks: ['node', 'balancer'], hosts: [balancer, second, ...three] };
    expect(warnings(choice)).toEqual(['There are 2 load balancers and no VIRTUAL_ADDRESS that could move between them: only the first one is used.']);
    expect(outline({ ...choice, values: { VIRTUAL_ADDRESS: '192.168.1.4' } })).toMatchObject({ problems: [], warnings: [] });
    expect(problems({ ...choice, values: { VIRTUAL_ADDRESS: '192.168.1.6' } })).toEqual([
      'VIRTUAL_ADDRESS 192.168.1.6 is the address of a host: it has to be one that nobody has.',
    ]);
    expect(warnings({ values: { VIRTUAL_ADDRESS: '192.168.1.4' } })).toEqual([
      'VIRTUAL_ADDRESS is given, and there is no second load balancer that it could move to.',
    ]);
  });
});

describe('playbooks', () => {
  it('that exclude each other are refused, whichever says so', () => {
    const sentence = '"The playbook one" and "The playbook other" cannot both be set up: choose one or other.';
    expect(problems({ playbooks: ['one', 'other'] })).toEqual([sentence]);
    expect(problems({ playbooks: ['other', 'one'] })).toEqual(['"The playbook other" and "The playbook one" cannot both be set up: choose other or one.']);
  });
});

describe('time-slicing', () => {
  it('is refused where no pod would have a GPU, and explained where several share one', () => {
    expect(problems({ values: { SLICES: '0' } })).toEqual(['SLICES is 0: no pod could use a GPU. 1 gives each pod a GPU of its own.']);
    expect(warnings({ values: { SLICES: '4' } })).toEqual([
      '4 pods share each GPU, and its memory too: one of them that takes it all ends the others (SLICES).',
    ]);
  });
});

describe('versions', () => {
  it.each([
    [
      { CRIO_MINOR: '1.35' },
      'CRI-O 1.35 does not go with Kubernetes 1.36: 1.36 does (CRIO_MINOR). CRI-O is released for one minor version of Kubernetes and tested with that alone.',
    ],
    [
      { CALICO: 'v3.31.0' },
      'Calico 3.31.0 is made for Kubernetes 1.32 to 1.35, not for 1.36; 3.32 and 3.33 are (CALICO). Each release of Calico is tested with these only.',
    ],
    [
      { CONTAINERD_MIN: '1.7.28' },
      'containerd 1.7.28 is too old for Kubernetes 1.36: 2.2.0 is the oldest that will do (CONTAINERD_MIN). Kubernetes is tested with that and newer ones.',
    ],
    [{ VELERO_AWS_PLUGIN: 'v1.13.2' }, "Velero's plugin for S3 1.13.2 does not go with VELERO 1.18.1: 1.14 does (VELERO_AWS_PLUGIN)."],
    [
      { K8S_MINOR: '1.33', CRIO_MINOR: '1.33', CALICO: 'v3.31.0', GPU_OPERATOR: 'v26.7.0' },
      'metrics-server 0.9.0 is made for Kubernetes 1.34 and newer, not for 1.33; 0.7 and 0.8 are (METRICS_SERVER).',
    ],
    [
      { K8S_MINOR: '1.37', CRIO_MINOR: '1.37', CALICO: 'v3.33.0' },
      'The GPU operator 26.7.0 is made for Kubernetes 1.33 to 1.36, not for 1.37; none of those known here (26.7) is (GPU_OPERATOR).',
    ],
  ])('%j do not go together', (values, sentence) => {
    expect(problems({ values }).join('\n')).toContain(sentence);
  });

  it.each([
    [{ CALICO: 'v3.40.1' }, 'Whether Calico 3.40.1 goes with Kubernetes 1.36 is not known here; 3.32 and 3.33 are (CALICO).'],
    [
      { DRIVER_BRANCH: '470' },
      "NVIDIA's driver 470 is none of those known here: 580 and 595 (DRIVER_BRANCH). 580 is the last branch for Maxwell, Pascal and Volta",
    ],
    [{ HELM: '3.21.4' }, 'Helm 3.21.4 is none of those known here: 4 (HELM). Helm 3 gets no security fixes'],
  ])('%j are warned of', (values, sentence) => {
    expect(outline({ values }).problems).toEqual([]);
    expect(warnings({ values }).join('\n')).toContain(sentence);
  });

  it('that no step uses are not asked about', () => {
    expect(problems({ playbooks: ['one'], values: { CRIO_MINOR: '1.35' } })).toEqual([]);
  });
});
