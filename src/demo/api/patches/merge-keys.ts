/** How a list in a built-in kind merges: as a whole, as a set of plain values, or item by item, told apart by keys. */
export type ListRule = 'atomic' | 'set' | readonly string[];

/**
 * The rule for the list at a path of field names, from the `patchMergeKey`, `listType` and `listMapKey` marks on the types of
 * k8s.io/api. The first key is the one that strategic merge patches go by; server-side apply takes all of them.
 */
export function listRule(kind: string, path: readonly string[]): ListRule {
  const field = path.at(-1) ?? '';
  if (field === 'ports') return kind === 'Service' ? ['port', 'protocol'] : inContainer(path) ? ['containerPort', 'protocol'] : 'atomic';
  if (field === 'secrets') return kind === 'ServiceAccount' ? ['name'] : 'atomic';
  if (field === 'addresses') return kind === 'Node' ? ['type'] : 'atomic';
  return rules[field] ?? 'atomic';
}

function inContainer(path: readonly string[]): boolean {
  return ['containers', 'initContainers', 'ephemeralContainers'].includes(path.at(-2) ?? '');
}

const rules: Readonly<Record<string, ListRule>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  hostAliases: ['ip'],
  hostIPs: ['ip'],
  podIPs: ['ip'],
  ownerReferences: ['uid'],
  finalizers: 'set',
  resourceClaims: ['name'],
  schedulingGates: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  webhooks: ['name'],
};
