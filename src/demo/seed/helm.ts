import { gzipSync } from 'node:zlib';
import { type Manifest, manifest } from './manifest.js';

/** The record that Helm keeps of a release in its namespace. */
export function helmRelease(name: string, namespace: string, chart: string, version: string): Manifest {
  const release = { name, namespace, version: 1, info: { status: 'deployed', description: 'Install complete' }, chart: { metadata: { name: chart, version } } };
  const packed = gzipSync(JSON.stringify(release)).toString('base64');
  return manifest(
    'secrets',
    'v1',
    'Secret',
    { name: `sh.helm.release.v1.${name}.v1`, namespace, labels: { name, owner: 'helm', status: 'deployed', version: '1' } },
    { type: 'helm.sh/release.v1', data: { release: Buffer.from(packed).toString('base64') } },
  );
}
