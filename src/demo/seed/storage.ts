import { configMapVolume, container } from './container.js';
import { image } from './images.js';
import { configMap, deployment, type Manifest, manifest, namespace, serviceAccount } from './manifest.js';

/** The local-path provisioner with its class as the default one. */
export function storage(): Manifest[] {
  const name = 'local-path-provisioner';
  const inNamespace = 'local-path-storage';
  return [
    namespace(inNamespace),
    serviceAccount(`${name}-service-account`, inNamespace),
    configMap('local-path-config', inNamespace, {
      'config.json': '{"nodePathMap":[{"node":"DEFAULT_PATH_FOR_NON_LISTED_NODES","paths":["/opt/local-path-provisioner"]}]}',
    }),
    manifest(
      'storageclasses.storage.k8s.io',
      'storage.k8s.io/v1',
      'StorageClass',
      { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      { provisioner: 'rancher.io/local-path', reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer' },
    ),
    deployment({
      name,
      namespace: inNamespace,
      labels: { app: name },
      pod: {
        serviceAccountName: `${name}-service-account`,
        volumes: [configMapVolume('config-volume', 'local-path-config')],
        containers: [
          container({
            name,
            image: image('localPath'),
            command: [name, '--debug', 'start', '--config', '/etc/config/config.json'],
            mounts: { 'config-volume': '/etc/config/' },
          }),
        ],
      },
    }),
  ];
}
