import type { KubeObject } from '../api/object-store.js';
import { at, fieldsAt, listAt, textAt } from '../fields.js';

export type SecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** What of a pod breaks that standard of pod security, in the words of the admission plugin; empty where it may run. */
export function securityViolations(spec: unknown, level: SecurityLevel): readonly string[] {
  if (level === 'privileged') return [];
  return level === 'baseline' ? baseline(spec) : [...baseline(spec), ...restricted(spec)];
}

/** The level that a namespace enforces or warns of. */
export function securityLevel(namespace: KubeObject | null, mode: 'enforce' | 'warn'): SecurityLevel {
  const label = namespace?.metadata.labels?.[`pod-security.kubernetes.io/${mode}`];
  return label === 'baseline' || label === 'restricted' ? label : 'privileged';
}

function baseline(spec: unknown): readonly string[] {
  const host = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => at(spec, field) === true).map((field) => `${field}=true`);
  const paths = listAt(spec, 'volumes').filter((volume) => at(volume, 'hostPath') !== undefined);
  const privileged = named(spec, (container) => at(container, 'securityContext', 'privileged') === true);
  const added = named(spec, (container) =>
    listAt(container, 'securityContext', 'capabilities', 'add').some((each) => !allowedCapabilities.includes(String(each))),
  );
  const ports = named(spec, (container) => listAt(container, 'ports').some((port) => typeof at(port, 'hostPort') === 'number'));
  return [
    ...(host.length > 0 ? [`host namespaces (${host.join(', ')})`] : []),
    ...(paths.length > 0
      ? [`hostPath volumes (volume${paths.length > 1 ? 's' : ''} ${paths.map((volume) => `"${textAt(volume, 'name') ?? ''}"`).join(', ')})`]
      : []),
    ...(privileged === null ? [] : [`privileged (${privileged} must not set securityContext.privileged=true)`]),
    ...(added === null ? [] : [`non-default capabilities (${added} must not add capabilities beyond the default set)`]),
    ...(ports === null ? [] : [`hostPort (${ports} uses hostPorts)`]),
  ];
}

const allowedCapabilities = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD'],
  ...['NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];

function restricted(spec: unknown): readonly string[] {
  const pod = fieldsAt(spec, 'securityContext');
  const escalates = named(spec, (container) => at(container, 'securityContext', 'allowPrivilegeEscalation') !== false);
  const capable = named(spec, (container) => !listAt(container, 'securityContext', 'capabilities', 'drop').includes('ALL'));
  const rooted = named(spec, (container) => (at(container, 'securityContext', 'runAsNonRoot') ?? pod['runAsNonRoot']) !== true);
  const profiled = (type: unknown) => type === 'RuntimeDefault' || type === 'Localhost';
  const loose = named(spec, (container) => !profiled(at(container, 'securityContext', 'seccompProfile', 'type') ?? at(pod, 'seccompProfile', 'type')));
  return [
    ...(escalates === null ? [] : [`allowPrivilegeEscalation != false (${escalates} must set securityContext.allowPrivilegeEscalation=false)`]),
    ...(capable === null ? [] : [`unrestricted capabilities (${capable} must set securityContext.capabilities.drop=["ALL"])`]),
    ...(rooted === null ? [] : [`runAsNonRoot != true (pod or ${rooted} must set securityContext.runAsNonRoot=true)`]),
    ...(loose === null ? [] : [`seccompProfile (pod or ${loose} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`]),
  ];
}

/** `container "main"`, `containers "a", "b"` of those that are so; null where none is. */
function named(spec: unknown, isSo: (container: unknown) => boolean): string | null {
  const names = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].filter(isSo).map((container) => `"${textAt(container, 'name') ?? ''}"`);
  return names.length === 0 ? null : `container${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
}
