/** A message's type is given as a function, because messages refer to each other. */
export type FieldType = 'string' | 'bytes' | 'bool' | 'int' | 'quantity' | 'intOrString' | 'time' | (() => readonly Field[]);

export interface Field {
  readonly number: number;
  readonly name: string;
  readonly type: FieldType;
  /** `pointer` keeps zero values, which `one` leaves out. */
  readonly shape: 'one' | 'pointer' | 'list' | 'map';
}

type Spec = Readonly<Record<number, string | readonly [spec: string, message: () => readonly Field[]]>>;

/**
 * Field numbers of the `generated.proto` files of k8s.io/api and apimachinery, for what kubectl creates through typed clients.
 * `name:int`, `name:bool`, … name the type (default string); `[]` in front makes a list, `{}` a map, `*` a pointer;
 * a message without a name lies inline.
 */
function message(spec: Spec): readonly Field[] {
  return Object.entries(spec).map(([number, given]) => {
    const [text, inner] = typeof given === 'string' ? [given, undefined] : given;
    const found = /^(?<shape>\[\]|\{\}|\*)?(?<name>\w*)(?::(?<type>\w+))?$/.exec(text)?.groups ?? {};
    const shape = found['shape'] === '[]' ? 'list' : found['shape'] === '{}' ? 'map' : found['shape'] === '*' ? 'pointer' : 'one';
    return { number: Number(number), name: found['name'] ?? '', shape, type: inner ?? scalar(found['type']) };
  });
}

function scalar(name: string | undefined): FieldType {
  switch (name) {
    case 'bytes':
    case 'bool':
    case 'int':
    case 'quantity':
    case 'intOrString':
    case 'time':
      return name;
    default:
      return 'string';
  }
}

const ownerReference = message({ 1: 'kind', 3: 'name', 4: 'uid', 5: 'apiVersion', 6: '*controller:bool', 7: '*blockOwnerDeletion:bool' });
const metadata = message({
  1: 'name',
  2: 'generateName',
  3: 'namespace',
  5: 'uid',
  6: 'resourceVersion',
  7: 'generation:int',
  8: 'creationTimestamp:time',
  9: 'deletionTimestamp:time',
  10: '*deletionGracePeriodSeconds:int',
  11: '{}labels',
  12: '{}annotations',
  13: ['[]ownerReferences', () => ownerReference],
  14: '[]finalizers',
});
const requirement = message({ 1: 'key', 2: 'operator', 3: '[]values' });
const labelSelector = message({ 1: '{}matchLabels', 2: ['[]matchExpressions', () => requirement] });
const named = message({ 1: 'name' });
const objectReference = message({ 1: 'kind', 2: 'namespace', 3: 'name', 4: 'uid', 5: 'apiVersion', 6: 'resourceVersion', 7: 'fieldPath' });
const preconditions = message({ 1: '*uid', 2: '*resourceVersion' });
const deleteOptions = message({
  1: '*gracePeriodSeconds:int',
  2: ['preconditions', () => preconditions],
  3: '*orphanDependents:bool',
  4: '*propagationPolicy',
  5: '[]dryRun',
});

const containerPort = message({ 1: 'name', 2: 'hostPort:int', 3: 'containerPort:int', 4: 'protocol', 5: 'hostIP' });
const keySelector = message({ 1: ['', () => named], 2: 'key', 3: '*optional:bool' });
const fieldSelector = message({ 1: 'apiVersion', 2: 'fieldPath' });
const envSource = message({ 1: ['fieldRef', () => fieldSelector], 3: ['configMapKeyRef', () => keySelector], 4: ['secretKeyRef', () => keySelector] });
const envVar = message({ 1: 'name', 2: 'value', 3: ['valueFrom', () => envSource] });
const resources = message({ 1: '{}limits:quantity', 2: '{}requests:quantity' });
const volumeMount = message({ 1: 'name', 2: 'readOnly:bool', 3: 'mountPath', 4: 'subPath' });
const container = message({
  1: 'name',
  2: 'image',
  3: '[]command',
  4: '[]args',
  5: 'workingDir',
  6: ['[]ports', () => containerPort],
  7: ['[]env', () => envVar],
  8: ['resources', () => resources],
  9: ['[]volumeMounts', () => volumeMount],
  13: 'terminationMessagePath',
  14: 'imagePullPolicy',
  16: 'stdin:bool',
  17: 'stdinOnce:bool',
  18: 'tty:bool',
  20: 'terminationMessagePolicy',
});
const toleration = message({ 1: 'key', 2: 'operator', 3: 'value', 4: 'effect', 5: '*tolerationSeconds:int' });
const podSpec = message({
  2: ['[]containers', () => container],
  3: 'restartPolicy',
  4: '*terminationGracePeriodSeconds:int',
  5: '*activeDeadlineSeconds:int',
  6: 'dnsPolicy',
  7: '{}nodeSelector',
  8: 'serviceAccountName',
  9: 'serviceAccount',
  10: 'nodeName',
  11: 'hostNetwork:bool',
  12: 'hostPID:bool',
  13: 'hostIPC:bool',
  15: ['[]imagePullSecrets', () => named],
  16: 'hostname',
  17: 'subdomain',
  19: 'schedulerName',
  20: ['[]initContainers', () => container],
  22: ['[]tolerations', () => toleration],
  24: 'priorityClassName',
  29: '*runtimeClassName',
});
const podTemplate = message({ 1: ['metadata', () => metadata], 2: ['spec', () => podSpec] });
const rollingUpdate = message({ 1: '*maxUnavailable:intOrString', 2: '*maxSurge:intOrString' });
const strategy = message({ 1: 'type', 2: ['rollingUpdate', () => rollingUpdate] });
const deploymentSpec = message({
  1: '*replicas:int',
  2: ['selector', () => labelSelector],
  3: ['template', () => podTemplate],
  4: ['strategy', () => strategy],
  5: 'minReadySeconds:int',
  6: '*revisionHistoryLimit:int',
  7: 'paused:bool',
  9: '*progressDeadlineSeconds:int',
});
const jobSpec = message({
  1: '*parallelism:int',
  2: '*completions:int',
  3: '*activeDeadlineSeconds:int',
  4: ['selector', () => labelSelector],
  5: '*manualSelector:bool',
  6: ['template', () => podTemplate],
  7: '*backoffLimit:int',
  8: '*ttlSecondsAfterFinished:int',
  9: '*completionMode',
  10: '*suspend:bool',
});
const jobTemplate = message({ 1: ['metadata', () => metadata], 2: ['spec', () => jobSpec] });
const cronJobSpec = message({
  1: 'schedule',
  2: '*startingDeadlineSeconds:int',
  3: 'concurrencyPolicy',
  4: '*suspend:bool',
  5: ['jobTemplate', () => jobTemplate],
  6: '*successfulJobsHistoryLimit:int',
  7: '*failedJobsHistoryLimit:int',
  8: '*timeZone',
});
const servicePort = message({ 1: 'name', 2: 'protocol', 3: 'port:int', 4: 'targetPort:intOrString', 5: 'nodePort:int', 6: '*appProtocol' });
const serviceSpec = message({
  1: ['[]ports', () => servicePort],
  2: '{}selector',
  3: 'clusterIP',
  4: 'type',
  5: '[]externalIPs',
  7: 'sessionAffinity',
  8: 'loadBalancerIP',
  9: '[]loadBalancerSourceRanges',
  10: 'externalName',
  11: 'externalTrafficPolicy',
  13: 'publishNotReadyAddresses:bool',
  17: '*ipFamilyPolicy',
  18: '[]clusterIPs',
  19: '[]ipFamilies',
});
const backendPort = message({ 1: 'name', 2: 'number:int' });
const backendService = message({ 1: 'name', 2: ['port', () => backendPort] });
const ingressBackend = message({ 4: ['service', () => backendService] });
const ingressPath = message({ 1: 'path', 2: ['backend', () => ingressBackend], 3: '*pathType' });
const ingressHttp = message({ 1: ['[]paths', () => ingressPath] });
const ingressRule = message({ 1: 'host', 2: ['', () => message({ 1: ['http', () => ingressHttp] })] });
const ingressTls = message({ 1: '[]hosts', 2: 'secretName' });
const ingressSpec = message({
  1: ['defaultBackend', () => ingressBackend],
  2: ['[]tls', () => ingressTls],
  3: ['[]rules', () => ingressRule],
  4: '*ingressClassName',
});
const budgetSpec = message({ 1: '*minAvailable:intOrString', 2: ['selector', () => labelSelector], 3: '*maxUnavailable:intOrString' });
const quotaSpec = message({ 1: '{}hard:quantity', 2: '[]scopes' });
const policyRule = message({ 1: '[]verbs', 2: '[]apiGroups', 3: '[]resources', 4: '[]resourceNames', 5: '[]nonResourceURLs' });
const subject = message({ 1: 'kind', 2: 'apiGroup', 3: 'name', 4: 'namespace' });
const roleRef = message({ 1: 'apiGroup', 2: 'kind', 3: 'name' });
const resourceAttributes = message({ 1: 'namespace', 2: 'verb', 3: 'group', 4: 'version', 5: 'resource', 6: 'subresource', 7: 'name' });
const pathAttributes = message({ 1: 'path', 2: 'verb' });
const accessSpec = message({
  1: ['resourceAttributes', () => resourceAttributes],
  2: ['nonResourceAttributes', () => pathAttributes],
  3: 'user',
  4: '[]groups',
});

const signingSpec = message({ 1: 'request:bytes', 2: 'username', 3: 'uid', 4: '[]groups', 5: '[]usages', 7: 'signerName', 8: '*expirationSeconds:int' });
const signingCondition = message({ 1: 'type', 2: 'reason', 3: 'message', 4: 'lastUpdateTime:time', 5: 'lastTransitionTime:time', 6: 'status' });
const signingStatus = message({ 1: ['[]conditions', () => signingCondition], 2: 'certificate:bytes' });
const binding = withMetadata({ 2: ['[]subjects', () => subject], 3: ['roleRef', () => roleRef] });
const role = withMetadata({ 2: ['[]rules', () => policyRule] });

/** By kind. */
export const messages: Readonly<Record<string, readonly Field[]>> = {
  Binding: withMetadata({ 2: ['target', () => objectReference] }),
  CertificateSigningRequest: withMetadata({ 2: ['spec', () => signingSpec], 3: ['status', () => signingStatus] }),
  ClusterRole: role,
  ClusterRoleBinding: binding,
  ConfigMap: withMetadata({ 2: '{}data', 3: '{}binaryData:bytes', 4: '*immutable:bool' }),
  CronJob: withMetadata({ 2: ['spec', () => cronJobSpec] }),
  DeleteOptions: deleteOptions,
  Deployment: withMetadata({ 2: ['spec', () => deploymentSpec] }),
  Eviction: withMetadata({ 2: ['deleteOptions', () => deleteOptions] }),
  Ingress: withMetadata({ 2: ['spec', () => ingressSpec] }),
  Job: withMetadata({ 2: ['spec', () => jobSpec] }),
  LocalSubjectAccessReview: withMetadata({ 2: ['spec', () => accessSpec] }),
  Namespace: withMetadata({ 2: ['spec', () => message({ 1: '[]finalizers' })] }),
  PodDisruptionBudget: withMetadata({ 2: ['spec', () => budgetSpec] }),
  PriorityClass: withMetadata({ 2: '*value:int', 3: 'globalDefault:bool', 4: 'description', 5: '*preemptionPolicy' }),
  ResourceQuota: withMetadata({ 2: ['spec', () => quotaSpec] }),
  Role: role,
  RoleBinding: binding,
  Secret: withMetadata({ 2: '{}data:bytes', 3: 'type', 4: '{}stringData', 5: '*immutable:bool' }),
  SelfSubjectAccessReview: withMetadata({ 2: ['spec', () => accessSpec] }),
  SelfSubjectReview: withMetadata({}),
  SelfSubjectRulesReview: withMetadata({ 2: ['spec', () => message({ 1: 'namespace' })] }),
  Service: withMetadata({ 2: ['spec', () => serviceSpec] }),
  ServiceAccount: withMetadata({ 2: ['[]secrets', () => objectReference], 3: ['[]imagePullSecrets', () => named], 4: '*automountServiceAccountToken:bool' }),
  SubjectAccessReview: withMetadata({ 2: ['spec', () => accessSpec] }),
};

function withMetadata(spec: Spec): readonly Field[] {
  return message({ 1: ['metadata', () => metadata], ...spec });
}
