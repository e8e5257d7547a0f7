import { describe, expect, it } from 'vitest';
import { type Circumstances, type Prepared, prepare } from '../../src/runbooks/outline.js';
import type { SetupChoice, SetupHost } from '../../src/state/setup.js';
import { catalogueOf, ownCatalogue, playbook } from './runbook-folder.js';

const hosts: readonly SetupHost[] = [
  { name: 'lb-1', address: '192.168.1.5', roles: ['load-balancer'] },
  { name: 'cp-1', address: '192.168.1.11', roles: ['control-plane'] },
  { name: 'cp-2', address: '192.168.1.12', roles: ['control-plane', 'gpu'] },
  { name: 'gpu-1', address: '192.168.1.21', roles: ['gpu'] },
];

const files = {
  'runbooks/host.yaml': playbook('host', {
    base: '',
    swap: 'on: [control-plane, gpu]\nneeds: [base]',
    balancer: 'on: [load-balancer]',
    nfs: 'on: [nfs-server]',
  }),
  'runbooks/node.yaml': playbook('node', {
    init: 'on: [first-control-plane]\nneeds: [swap, nfs]\ngives: [JOIN_TOKEN]',
    join: `on: [other-control-planes, gpu]\nneeds: [init, late]\ncheck: echo "$JOIN_TOKEN $POD_CIDR"`,
    calico: 'on: [cluster]\nwhen: {CNI: [calico]}\nneeds: [join, flannel]',
    flannel: 'on: [cluster]\nwhen: {CNI: [flannel]}\nneeds: [join]',
    pods: 'on: [gpu]\nneeds: [calico, flannel]',
  }),
  'runbooks/more.yaml': playbook(
    'more',
    { late: '', key: 'check: echo "$S3_KEY"' },
    'variables: {S3_KEY: {title: Key, help: Of the store., type: text, secret: true}}\n',
  ),
  'runbooks/profiles/whole.yaml': 'id: whole\ntitle: Whole\nabout: It.\nplaybooks: [host, node, more]\nwithout: [key]\nvalues: {CNI: flannel}\n',
};
const catalogue = catalogueOf(files);

function prepared(choice: Partial<SetupChoice> = {}, given: Partial<Circumstances> = {}): Prepared {
  const whole: SetupChoice = { profile: 'whole', playbooks: [], hosts, values: {}, seat: 'first-control-plane', ...choice };
  return prepare(catalogue, whole, { detected: {}, secrets: {}, clusterName: 'lab', ...given });
}

const ids = ({ outline }: Prepared) => outline.steps.map(({ id }) => id);
const variable = ({ outline }: Prepared, name: string) => outline.variables.find((each) => each.name === name);

describe('a choice worked out', () => {
  it('has the steps of the playbooks, each after what it needs and else in their order', () => {
    expect(ids(prepared())).toEqual(['base', 'swap', 'balancer', 'init', 'late', 'join', 'flannel', 'pods']);
  });

  it('leaves out what the profile leaves out, what the values leave out, and what there is no host for', () => {
    const setup = prepared();
    expect(ids(setup)).not.toContain('key');
    expect(ids(setup)).not.toContain('calico');
    expect(ids(setup)).not.toContain('nfs');
    expect(ids(prepared({ values: { CNI: 'calico' } }))).toContain('calico');
  });

  it('does not wait for what is not done', () => {
    expect(prepared().outline.steps.find(({ id }) => id === 'pods')?.needs).toEqual(['flannel']);
    expect(prepared({ profile: null, playbooks: ['node'] }).outline.steps.find(({ id }) => id === 'init')?.needs).toEqual([]);
  });

  it('says where each step is done', () => {
    const setup = prepared();
    expect(['base', 'swap', 'init', 'join', 'flannel', 'balancer'].map((id) => setup.columns(id))).toEqual([
      ['lb-1', 'cp-1', 'cp-2', 'gpu-1'],
      ['cp-1', 'cp-2', 'gpu-1'],
      ['cp-1'],
      ['cp-2', 'gpu-1'],
      ['cluster'],
      ['lb-1'],
    ]);
    expect(setup.outline.columns).toEqual(['lb-1', 'cp-1', 'cp-2', 'gpu-1', 'cluster']);
    expect(prepared({ profile: null, playbooks: ['host'] }).outline.columns).toEqual(['lb-1', 'cp-1', 'cp-2', 'gpu-1']);
  });

  it('waits on the same host, and on all hosts for what is done elsewhere', () => {
    const setup = prepared();
    expect(setup.needsOf('swap', 'gpu-1')).toEqual([{ step: 'base', column: 'gpu-1' }]);
    expect(setup.needsOf('join', 'gpu-1')).toEqual([
      { step: 'init', column: 'cp-1' },
      { step: 'late', column: 'gpu-1' },
    ]);
    expect(setup.needsOf('flannel', 'cluster')).toEqual([
      { step: 'join', column: 'cp-2' },
      { step: 'join', column: 'gpu-1' },
    ]);
    expect(setup.needsOf('pods', 'cp-2')).toEqual([{ step: 'flannel', column: 'cluster' }]);
  });

  it('keeps a host that was given twice to one column', () => {
    const twice = prepared({ hosts: [...hosts, ...hosts.slice(0, 1)] });
    expect(twice.columns('base')).toEqual(['lb-1', 'cp-1', 'cp-2', 'gpu-1']);
    expect(twice.outline.columns).toEqual(['lb-1', 'cp-1', 'cp-2', 'gpu-1', 'cluster']);
  });

  it('says what there is not', () => {
    const { problems } = prepared({ profile: 'xyz', playbooks: ['hots'], values: { CNY: 'calico', S3_KEY: 'abc' } }).outline;
    expect(problems).toEqual([
      'There is no profile "xyz".',
      'There is no playbook "hots": is "host" meant?',
      'There is no variable "CNY": is "CNI" meant?',
      'S3_KEY is a secret and was given among the values, which are kept in a file: give it when it is asked for.',
    ]);
    expect(prepared({ profile: null }).outline.problems).toContain('Nothing is chosen yet: take a profile or some playbooks.');
  });
});

describe('the values of a step', () => {
  it('are those it names, with what there always is', () => {
    const values = prepared({}, { secrets: { JOIN_TOKEN: 'abcdef.0123456789abcdef' } }).values('join', 'cp-2');
    expect(values).toEqual({
      JOIN_TOKEN: 'abcdef.0123456789abcdef',
      POD_CIDR: '10.244.0.0/16',
      CLUSTER_NAME: 'lab',
      NODE_NAME: 'cp-2',
      NODE_ADDRESS: '192.168.1.12',
      NODE_ROLES: 'control-plane gpu',
      FIRST_CONTROL_PLANE: 'cp-1',
      FIRST_CONTROL_PLANE_ADDRESS: '192.168.1.11',
      LOAD_BALANCER: 'lb-1',
      LOAD_BALANCER_ADDRESS: '192.168.1.5',
      NFS_SERVER: '',
      NFS_SERVER_ADDRESS: '',
      WORKERS: '',
      CONTROL_PLANES: 'cp-1 192.168.1.11\ncp-2 192.168.1.12',
      GPU_NODES: 'cp-2 192.168.1.12\ngpu-1 192.168.1.21',
      ALL_HOSTS: 'lb-1 192.168.1.5\ncp-1 192.168.1.11\ncp-2 192.168.1.12\ngpu-1 192.168.1.21',
    });
    expect(prepared().values('flannel', 'cluster')).toMatchObject({ NODE_NAME: '', NODE_ADDRESS: '', NODE_ROLES: '' });
  });

  it('are what was set, else what the hosts say, else what the profile has, else the usual', () => {
    const pods = (choice: Partial<SetupChoice>, detected = {}) => variable(prepared(choice, { detected }), 'POD_CIDR');
    expect(pods({})).toMatchObject({ value: '10.244.0.0/16', origin: 'default' });
    expect(pods({}, { POD_CIDR: '10.1.0.0/16' })).toMatchObject({ value: '10.1.0.0/16', origin: 'detected' });
    expect(pods({ values: { POD_CIDR: '10.2.0.0/16' } }, { POD_CIDR: '10.1.0.0/16' })).toMatchObject({ value: '10.2.0.0/16', origin: 'set' });
    expect(pods({ values: { POD_CIDR: '' } })).toMatchObject({ value: '10.244.0.0/16', origin: 'default' });
    expect(variable(prepared(), 'CNI')).toMatchObject({ value: 'flannel', origin: 'profile' });
  });

  it('that cannot be used are told, and nothing runs', () => {
    const setup = prepared({ values: { POD_CIDR: "10.244.0.0/16'; rm -rf / #" } });
    const sentence = `"10.244.0.0/16'; rm -rf / #" is no network: give an address and the length of its prefix, such as 10.244.0.0/16.`;
    expect(variable(setup, 'POD_CIDR')?.problem).toBe(sentence);
    expect(setup.outline.problems).toEqual([`Network of the pods (POD_CIDR): ${sentence}`]);
  });

  it('never show a secret, and ask for one that no step makes', () => {
    const choice = { profile: null, playbooks: ['host', 'node', 'more'] };
    const asked = prepared(choice);
    expect(variable(asked, 'S3_KEY')).toMatchObject({ value: null, origin: 'none', secret: true, problem: 'It has to be given.' });
    // It is asked for when it is needed: a wizard that has not asked yet is no contradiction.
    expect(asked.outline.problems).toEqual([]);
    expect(variable(asked, 'JOIN_TOKEN')).toBeUndefined();
    const given = prepared(choice, { secrets: { S3_KEY: 'hunter2' } });
    expect(variable(given, 'S3_KEY')).toMatchObject({ value: null, origin: 'set', problem: null });
    expect(JSON.stringify(given.outline)).not.toContain('hunter2');
    expect(given.values('key', 'cp-1')['S3_KEY']).toBe('hunter2');
    expect(given.secretNames).toEqual(new Set(['JOIN_TOKEN', 'S3_KEY']));
  });

  it('show no escape sequence that was put into the settings', () => {
    expect(variable(prepared({ values: { POD_CIDR: '\u001b[2J10.0.0.0/8' } }), 'POD_CIDR')?.value).toBe('10.0.0.0/8');
  });
});

describe('the whole of the playbooks', () => {
  const real = ownCatalogue();
  const all = (values: Readonly<Record<string, string>>, without: readonly string[]) =>
    prepare(
      real,
      { profile: null, playbooks: real.playbooks.map(({ id }) => id).filter((id) => !without.includes(id)), hosts, values, seat: 'first-control-plane' },
      { detected: { NODE_CIDR: '192.168.1.0/24', ADMIN_USER: 'ops' }, secrets: {}, clusterName: 'lab' },
    );

  it('comes to an order in which each step follows what it needs', () => {
    const { outline } = all({}, ['containerd', 'flannel', 'gpu-operator']);
    const order = ids({ ...all({}, []), outline });
    for (const { id, needs } of outline.steps) for (const need of needs) expect([id, order.indexOf(need) < order.indexOf(id)]).toEqual([id, true]);
    expect(order.indexOf('swap-off')).toBeLessThan(order.indexOf('kubeadm-init-ha'));
  });

  it('reaches the API under the load balancer, or its virtual address', () => {
    const endpoint = (values: Readonly<Record<string, string>>) => variable(all(values, []), 'API_ENDPOINT');
    expect(endpoint({})).toMatchObject({ value: '192.168.1.5', origin: 'detected' });
    expect(endpoint({ VIRTUAL_ADDRESS: '192.168.1.4' })).toMatchObject({ value: '192.168.1.4' });
    expect(endpoint({ API_ENDPOINT: 'k8s.lab' })).toMatchObject({ value: 'k8s.lab', origin: 'set' });
  });

  it.each([
    [
      [],
      { CNI: 'calico' },
      '"Calico as the pod network" and "Flannel as the pod network" cannot both be set up: choose calico or flannel. A cluster has one pod network',
    ],
    [[], {}, '"containerd" and "CRI-O" cannot both be set up: choose containerd or cri-o. A node has one container runtime'],
    [
      ['containerd', 'flannel'],
      { GPU_STACK: 'device-plugin' },
      '"NVIDIA GPU operator" is chosen, and GPU_STACK is device-plugin: give another value, or leave out gpu-operator. The GPU operator brings a device plugin of its own',
    ],
  ])('is refused without %j with %j', (without, values, sentence) => {
    expect(all({ ...values }, without).outline.problems.join('\n')).toContain(sentence);
  });

  it('makes a node of a host without GPUs as of any other, but for what is for GPUs', () => {
    const both: readonly SetupHost[] = [...hosts, { name: 'web-1', address: '192.168.1.31', roles: ['worker'] }];
    const { steps, columns, values } = prepare(
      real,
      { profile: 'ha-haproxy-calico', playbooks: [], hosts: both, values: {}, seat: 'first-control-plane' },
      { detected: { NODE_CIDR: '192.168.1.0/24', ADMIN_USER: 'ops' }, secrets: {}, clusterName: 'lab' },
    );
    const only = steps.filter(({ id }) => columns(id).includes('gpu-1') && !columns(id).includes('web-1')).map(({ on }) => on);
    expect(new Set(only.map((on) => on.join()))).toEqual(new Set(['gpu', 'gpu,build']));
    expect(columns('join-worker')).toContain('web-1');
    expect(steps.filter(({ id }) => columns(id).includes('web-1')).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['containerd-service', 'k8s-install', 'swap-off', 'firewall-ports', 'services-enabled', 'cri-unused']),
    );
    expect(values('join-secrets', 'cp-1')['WORKERS']).toBe('web-1 192.168.1.31');
  });

  it('has the device plugin or the operator in a cluster, never both', () => {
    const stack = (GPU_STACK: string) => ids(all({ GPU_STACK }, [])).filter((id) => /^(?:device-plugin|gpu-operator|dcgm|ctk-install|nvidia-driver)/.test(id));
    expect(stack('device-plugin').join()).not.toContain('operator');
    expect(stack('operator')).toEqual(['gpu-operator', 'gpu-operator-monitor']);
    expect(stack('none')).toEqual([]);
  });
});
