import type { Fields } from '../fields.js';

export interface ContainerOptions {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ports?: Readonly<Record<string, number>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  /** `GET path` on a named port or a number. */
  readonly ready?: readonly [path: string, port: string | number];
  readonly readyCommand?: readonly string[];
  /** Volume name to mount path. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly privileged?: boolean;
}

/** A container of a pod template. */
export function container(options: ContainerOptions): Fields {
  const { name, image, args, command, env = {}, ports = {}, requests, limits, ready, readyCommand, mounts = {}, privileged } = options;
  const probe = { initialDelaySeconds: 1, timeoutSeconds: 5, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  return {
    name,
    image,
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(Object.keys(ports).length === 0
      ? {}
      : { ports: Object.entries(ports).map(([portName, containerPort]) => ({ name: portName, containerPort, protocol: 'TCP' })) }),
    ...(Object.keys(env).length === 0 ? {} : { env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })) }),
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(ready === undefined ? {} : { readinessProbe: { httpGet: { path: ready[0], port: ready[1], scheme: 'HTTP' }, ...probe } }),
    ...(readyCommand === undefined ? {} : { readinessProbe: { exec: { command: readyCommand }, ...probe } }),
    ...(Object.keys(mounts).length === 0 ? {} : { volumeMounts: Object.entries(mounts).map(([volume, mountPath]) => ({ name: volume, mountPath })) }),
    ...(privileged === true ? { securityContext: { privileged: true } } : {}),
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  };
}

export function hostPath(name: string, path: string): Fields {
  return { name, hostPath: { path, type: '' } };
}

export function configMapVolume(name: string, configMap: string): Fields {
  return { name, configMap: { name: configMap, defaultMode: 420 } };
}

export function claimVolume(name: string, claimName: string): Fields {
  return { name, persistentVolumeClaim: { claimName } };
}

/** Tolerates everything, as the daemons of a node do. */
export const everywhere = [{ operator: 'Exists' }];

export const onControlPlane = { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' };
