import * as models from '@kubernetes/client-node';

/**
 * What is wrong with an object for an API server that is strict about fields: unknown ones, and those of another type. Built-in kinds are held against the models that are generated from Kubernetes' published OpenAPI document, all others
 * against what their projects publish, as far as it is used here. A kind that is not known is a problem too.
 */
export function fieldProblems(object: unknown): readonly string[] {
  if (!isRecord(object)) return ['it is no object'];
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return ['it has no apiVersion or no kind'];
  const type = otherKinds[`${apiVersion} ${kind}`] ?? builtIn(apiVersion, kind);
  if (type === null) return [`${apiVersion} ${kind} is not known`];
  const name = isRecord(object['metadata']) ? object['metadata']['name'] : null;
  const nameless = configurations.test(apiVersion) || (typeof name === 'string' && name !== '') ? [] : [`${kind} has no name`];
  return [...nameless, ...valueProblems(object, type, kind)];
}

/** Read by programs from their own files, and by no API server. */
const configurations = /^(?:kubeadm|kubelet\.config|kubeproxy\.config|apiserver\.config)\.k8s\.io\//;

function builtIn(apiVersion: string, kind: string): string | null {
  const [group, version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  if (group !== '' && group?.includes('.') === true && !group.endsWith('.k8s.io')) return null;
  const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  return fieldsOf(type) === null ? null : type;
}

/** The problems of a value that should be of a type, as the models write it. */
function valueProblems(value: unknown, type: string, path: string): readonly string[] {
  if (type === 'any' || type === 'object') return [];
  const list = /^(?:Array|Set)<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((item, at) => valueProblems(item, list, `${path}[${at}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    if (!isRecord(value)) return [`${path} is no object`];
    return Object.entries(value).flatMap(([key, item]) =>
      valueProblems(item, map === 'string' && quantities.test(path) ? 'IntOrString' : map, `${path}.${key}`),
    );
  }
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type ? [] : [`${path} is no ${type} but ${JSON.stringify(value)}`];
    case 'IntOrString':
      return typeof value === 'string' || typeof value === 'number' ? [] : [`${path} is neither a number nor a text`];
    case 'Date':
    case 'V1MicroTime':
      return typeof value === 'string' ? [] : [`${path} is no time`];
  }
  const fields = fieldsOf(type);
  if (fields === null) return [`${path} is of the type ${type}, which is not known`];
  if (!isRecord(value)) return [`${path} is no object`];
  return Object.entries(value).flatMap(([key, item]) => {
    const known = fields.get(key);
    return known === undefined ? [`${path}.${key} is not known`] : valueProblems(item, known, `${path}.${key}`);
  });
}

/** A quantity may be a number too. */
const quantities = /\.(?:limits|requests|hard|default|defaultRequest|capacity|min|max)$/;

/** The fields of a type with their types; null where there is no such type. */
function fieldsOf(type: string): ReadonlyMap<string, string> | null {
  const own = otherTypes[type];
  if (own !== undefined) return new Map(Object.entries(own));
  const model: unknown = Reflect.get(models, type);
  const attributes: unknown = typeof model === 'function' ? Reflect.get(model, 'attributeTypeMap') : undefined;
  if (!Array.isArray(attributes)) return null;
  return new Map(attributes.flatMap((each: unknown) => (isRecord(each) ? [[String(each['baseName']), String(each['type'])] as const] : [])));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const strings = 'Array<string>';
const labels = '{ [key: string]: string; }';

const otherKinds: Readonly<Record<string, string>> = {
  'operator.tigera.io/v1 Installation': 'Installation',
  'monitoring.coreos.com/v1 PodMonitor': 'PodMonitor',
  'monitoring.coreos.com/v1 ServiceMonitor': 'ServiceMonitor',
  'monitoring.coreos.com/v1 PrometheusRule': 'PrometheusRule',
  'trainer.kubeflow.org/v1alpha1 TrainJob': 'TrainJob',
  'trainer.kubeflow.org/v1alpha1 TrainingRuntime': 'TrainingRuntime',
  'velero.io/v1 Schedule': 'VeleroSchedule',
  'apiserver.config.k8s.io/v1 EncryptionConfiguration': 'EncryptionConfiguration',
  'kubeadm.k8s.io/v1beta4 InitConfiguration': 'InitConfiguration',
  'kubeadm.k8s.io/v1beta4 ClusterConfiguration': 'ClusterConfiguration',
  'kubeadm.k8s.io/v1beta4 JoinConfiguration': 'JoinConfiguration',
  'kubelet.config.k8s.io/v1beta1 KubeletConfiguration': 'KubeletConfiguration',
  'kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration': 'KubeProxyConfiguration',
};

const kind = { apiVersion: 'string', kind: 'string' };
const named = { ...kind, metadata: 'V1ObjectMeta' };

/** Types by their names: of the projects that publish them, those of their fields that could be meant here. */
const otherTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Tigera's operator
  Installation: { ...named, spec: 'InstallationSpec' },
  InstallationSpec: { variant: 'string', registry: 'string', cni: 'any', calicoNetwork: 'CalicoNetwork', nonPrivileged: 'string', flexVolumePath: 'string' },
  CalicoNetwork: {
    bgp: 'string',
    linuxDataplane: 'string',
    ipPools: 'Array<CalicoPool>',
    mtu: 'number',
    nodeAddressAutodetectionV4: 'any',
    hostPorts: 'string',
  },
  CalicoPool: { name: 'string', cidr: 'string', blockSize: 'number', encapsulation: 'string', natOutgoing: 'string', nodeSelector: 'string' },
  // The Prometheus operator
  PodMonitor: { ...named, spec: 'PodMonitorSpec' },
  PodMonitorSpec: {
    jobLabel: 'string',
    podTargetLabels: strings,
    selector: 'V1LabelSelector',
    namespaceSelector: 'any',
    podMetricsEndpoints: 'Array<MetricsEndpoint>',
  },
  ServiceMonitor: { ...named, spec: 'ServiceMonitorSpec' },
  ServiceMonitorSpec: { jobLabel: 'string', targetLabels: strings, selector: 'V1LabelSelector', namespaceSelector: 'any', endpoints: 'Array<MetricsEndpoint>' },
  MetricsEndpoint: {
    port: 'string',
    path: 'string',
    interval: 'string',
    scrapeTimeout: 'string',
    scheme: 'string',
    honorLabels: 'boolean',
    relabelings: 'any',
  },
  PrometheusRule: { ...named, spec: 'RuleGroups' },
  RuleGroups: { groups: 'Array<RuleGroup>' },
  RuleGroup: { name: 'string', interval: 'string', rules: 'Array<Rule>' },
  Rule: { alert: 'string', record: 'string', expr: 'string', for: 'string', keep_firing_for: 'string', labels, annotations: labels },
  // Kubeflow Trainer
  TrainJob: { ...named, spec: 'TrainJobSpec' },
  TrainJobSpec: {
    runtimeRef: 'RuntimeRef',
    initializer: 'any',
    trainer: 'Trainer',
    runtimePatches: 'any',
    suspend: 'boolean',
    activeDeadlineSeconds: 'number',
  },
  RuntimeRef: { name: 'string', apiGroup: 'string', kind: 'string' },
  Trainer: {
    ...{ image: 'string', command: strings, args: strings, env: 'Array<V1EnvVar>', numNodes: 'number', numProcPerNode: 'number' },
    resourcesPerNode: 'V1ResourceRequirements',
  },
  TrainingRuntime: { ...named, spec: 'TrainingRuntimeSpec' },
  TrainingRuntimeSpec: { mlPolicy: 'MLPolicy', podGroupPolicy: 'any', template: 'JobSetTemplate' },
  MLPolicy: { numNodes: 'number', torch: 'TorchPolicy', mpi: 'any' },
  // It has had no fields since version 2.2.
  TorchPolicy: {},
  JobSetTemplate: { metadata: 'V1ObjectMeta', spec: 'JobSetSpec' },
  JobSetSpec: { replicatedJobs: 'Array<ReplicatedJob>', network: 'any', successPolicy: 'any', failurePolicy: 'any', ttlSecondsAfterFinished: 'number' },
  ReplicatedJob: { name: 'string', groupName: 'string', replicas: 'number', dependsOn: 'any', template: 'JobTemplate' },
  JobTemplate: { metadata: 'V1ObjectMeta', spec: 'TrainerJobSpec' },
  // The runtime may leave to the controller what a Job must have.
  TrainerJobSpec: { template: 'V1PodTemplateSpec', backoffLimit: 'number', parallelism: 'number', completions: 'number', completionMode: 'string' },
  // Velero
  VeleroSchedule: { ...named, spec: 'VeleroScheduleSpec' },
  VeleroScheduleSpec: {
    schedule: 'string',
    paused: 'boolean',
    skipImmediately: 'boolean',
    useOwnerReferencesInBackup: 'boolean',
    template: 'VeleroBackupSpec',
  },
  VeleroBackupSpec: {
    ...{ ttl: 'string', includedNamespaces: strings, excludedNamespaces: strings, storageLocation: 'string' },
    ...{ defaultVolumesToFsBackup: 'boolean', snapshotVolumes: 'boolean', includeClusterResources: 'boolean' },
  },
  // The API server's own
  EncryptionConfiguration: { ...kind, resources: 'Array<EncryptedResources>' },
  EncryptedResources: { resources: strings, providers: 'Array<EncryptionProvider>' },
  EncryptionProvider: { identity: 'NoFields', secretbox: 'EncryptionKeys', aesgcm: 'EncryptionKeys', aescbc: 'EncryptionKeys', kms: 'any' },
  NoFields: {},
  EncryptionKeys: { keys: 'Array<EncryptionKey>' },
  EncryptionKey: { name: 'string', secret: 'string' },
  // kubeadm
  InitConfiguration: {
    ...kind,
    ...{ bootstrapTokens: 'any', nodeRegistration: 'NodeRegistration', localAPIEndpoint: 'LocalEndpoint', certificateKey: 'string', skipPhases: strings },
    ...{ patches: 'any', timeouts: 'any' },
  },
  JoinConfiguration: {
    ...kind,
    nodeRegistration: 'NodeRegistration',
    caCertPath: 'string',
    discovery: 'Discovery',
    controlPlane: 'JoinedControlPlane',
    skipPhases: strings,
  },
  Discovery: { bootstrapToken: 'DiscoveryToken', file: 'any', tlsBootstrapToken: 'string' },
  DiscoveryToken: { token: 'string', apiServerEndpoint: 'string', caCertHashes: strings, unsafeSkipCAVerification: 'boolean' },
  JoinedControlPlane: { localAPIEndpoint: 'LocalEndpoint', certificateKey: 'string' },
  NodeRegistration: {
    ...{ name: 'string', criSocket: 'string', taints: 'Array<V1Taint>', kubeletExtraArgs: 'Array<Argument>', ignorePreflightErrors: strings },
    ...{ imagePullPolicy: 'string', imagePullSerial: 'boolean' },
  },
  LocalEndpoint: { advertiseAddress: 'string', bindPort: 'number' },
  Argument: { name: 'string', value: 'string' },
  ClusterConfiguration: {
    ...kind,
    ...{ etcd: 'any', networking: 'ClusterNetworking', kubernetesVersion: 'string', controlPlaneEndpoint: 'string', apiServer: 'ApiServerComponent' },
    ...{
      controllerManager: 'ControlPlaneComponent',
      scheduler: 'ControlPlaneComponent',
      imageRepository: 'string',
      clusterName: 'string',
      certificatesDir: 'string',
    },
  },
  ClusterNetworking: { serviceSubnet: 'string', podSubnet: 'string', dnsDomain: 'string' },
  ControlPlaneComponent: { extraArgs: 'Array<Argument>', extraVolumes: 'any', extraEnvs: 'any' },
  ApiServerComponent: { extraArgs: 'Array<Argument>', extraVolumes: 'any', extraEnvs: 'any', certSANs: strings },
  // The kubelet and kube-proxy
  KubeletConfiguration: {
    ...kind,
    ...{ cgroupDriver: 'string', serverTLSBootstrap: 'boolean', failSwapOn: 'boolean', containerLogMaxSize: 'string', containerLogMaxFiles: 'number' },
    ...{ kubeReserved: labels, systemReserved: labels, evictionHard: labels, mergeDefaultEvictionSettings: 'boolean', maxPods: 'number' },
  },
  KubeProxyConfiguration: { ...kind, metricsBindAddress: 'string', mode: 'string', conntrack: 'any' },
};
