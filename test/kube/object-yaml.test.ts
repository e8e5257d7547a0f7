import { expect, test } from 'vitest';
import { objectYaml } from '../../src/kube/object-yaml.js';
import { json, scriptedApi } from './api-server.js';
import { clientFor } from './client-for.js';

test('an object is shown as YAML without the bookkeeping of its managers', async () => {
  await using api = await scriptedApi();
  api.on('/apis/apps/v1/namespaces/ai/deployments/whisper', (_, response) =>
    json(response, {
      kind: 'Deployment',
      metadata: { name: 'whisper', managedFields: [{ manager: 'kubectl' }] },
      spec: { replicas: 2, note: 'a\nb' },
      apiVersion: 'apps/v1',
    }),
  );
  using client = clientFor(api.url);
  expect(await objectYaml(client, 'deployment/ai/whisper')).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: whisper
spec:
  replicas: 2
  note: |-
    a
    b
`);
});

test('escape sequences in an object do not reach the screen', async () => {
  await using api = await scriptedApi();
  api.on('/api/v1/nodes/gpu-1', (_, response) => json(response, { kind: 'Node', metadata: { name: 'gpu-1', annotations: { evil: 'x\u001b[2J\u202ey' } } }));
  using client = clientFor(api.url);
  expect(await objectYaml(client, 'node/gpu-1')).not.toMatch(/\u001b|\u202e/);
});

test("a secret's data is masked, and so is the copy that kubectl apply leaves", async () => {
  await using api = await scriptedApi();
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'aHVudGVyMg==', kept: 'yes' };
  api.on('/api/v1/namespaces/ai/secrets/s', (_, response) =>
    json(response, { kind: 'Secret', metadata: { name: 's', annotations }, data: { password: 'aHVudGVyMg==' } }),
  );
  using client = clientFor(api.url);
  const yaml = await objectYaml(client, 'secret/ai/s');
  expect(yaml).not.toContain('aHVudGVyMg');
  expect(yaml).toContain("password: '*** (12 characters)'");
  expect(yaml).toContain('kept:');
});

test('what is not there or not known is told in a sentence', async () => {
  await using api = await scriptedApi();
  using client = clientFor(api.url);
  await expect(objectYaml(client, 'node/gone')).rejects.toMatchObject({ kind: 'not-found' });
  await expect(objectYaml(client, 'unicorn/a')).rejects.toThrow('there is no kind unicorn to show');
  await expect(objectYaml(client, 'pod/a')).rejects.toThrow('"pod/a" does not name a pod: it should be pod/NAMESPACE/NAME');
  await expect(objectYaml(client, 'node/..')).rejects.toThrow('does not name a node');
});
