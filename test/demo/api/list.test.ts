import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, listAt, textAt } from '../../../src/demo/api/json.js';
import { aNode, aPod, startTestCluster, type TestCluster } from './test-cluster.js';

const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

describe('listing over HTTP', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
    cluster.store.create('nodes', aNode('gpu-1'));
    for (let i = 0; i < 30; i += 1) cluster.store.create('pods', aPod(`pod-${String(i).padStart(2, '0')}`, { phase: i < 25 ? 'Failed' : 'Running' }));
  });
  afterAll(() => cluster.close());

  const names = (body: unknown): string[] => listAt(body, 'items').map((item) => textAt(item, 'metadata', 'name'));

  it('pages through one moment, whatever changes meanwhile', async () => {
    const first = (await cluster.ask('/api/v1/pods?limit=12')).body;
    expect(at(first, 'metadata', 'remainingItemCount')).toBe(18);
    cluster.store.remove('pods', 'pod-29', 'ai');
    const next = textAt(first, 'metadata', 'continue');
    const second = (await cluster.ask(`/api/v1/pods?limit=12&continue=${next}`)).body;
    const third = (await cluster.ask(`/api/v1/pods?limit=12&continue=${textAt(second, 'metadata', 'continue')}`)).body;
    expect([...names(first), ...names(second), ...names(third)]).toHaveLength(30);
    expect(names(third).at(-1)).toBe('pod-29');
    expect(at(third, 'metadata', 'resourceVersion')).toBe(at(first, 'metadata', 'resourceVersion'));
    expect(at(third, 'metadata', 'continue')).toBeUndefined();
  });

  it('does not know how many remain when it selects', async () => {
    const { body } = await cluster.ask('/api/v1/pods?limit=5&fieldSelector=status.phase%3DFailed');
    expect(names(body)).toHaveLength(5);
    expect(at(body, 'metadata', 'remainingItemCount')).toBeUndefined();
    expect(textAt(body, 'metadata', 'continue')).not.toBe('');
  });

  it('ignores the limit at resourceVersion 0, as the watch cache does', async () => {
    const { body } = await cluster.ask('/api/v1/namespaces/ai/pods?limit=5&resourceVersion=0');
    expect(names(body).length).toBeGreaterThan(25);
  });

  it('says 410 for a continue token that is too old, and 400 for one that is none', async () => {
    const { body } = await cluster.ask('/api/v1/pods?limit=5');
    cluster.api.compact();
    const old = await cluster.ask(`/api/v1/pods?limit=5&continue=${textAt(body, 'metadata', 'continue')}`);
    expect([old.status, at(old.body, 'reason')]).toEqual([410, 'Expired']);
    expect((await cluster.ask('/api/v1/pods?continue=rubbish')).status).toBe(400);
  });

  it('gives tables with as much of the object as asked for', async () => {
    const cells = async (include: string): Promise<unknown> => listAt((await cluster.ask(`/api/v1/nodes${include}`, { headers: table })).body, 'rows')[0];
    expect(at(await cells(''), 'object', 'kind')).toBe('PartialObjectMetadata');
    expect(at(await cells('?includeObject=None'), 'object')).toBeNull();
    expect(at(await cells('?includeObject=Object'), 'object', 'status', 'nodeInfo', 'kubeletVersion')).toBe('v1.36.2');
    const { body } = await cluster.ask('/api/v1/nodes', { headers: table });
    expect(listAt(body, 'columnDefinitions').map((column) => `${textAt(column, 'name')}/${String(at(column, 'priority'))}`)).toEqual([
      'Name/0',
      'Status/0',
      'Roles/0',
      'Age/0',
      'Version/0',
      'Internal-IP/1',
      'External-IP/1',
      'OS-Image/1',
      'Kernel-Version/1',
      'Container-Runtime/1',
    ]);
  });

  it('marks rows of ended pods as completed', async () => {
    const { body } = await cluster.ask('/api/v1/namespaces/ai/pods?fieldSelector=metadata.name%3Dpod-00', { headers: table });
    expect(listAt(body, 'rows').map((row) => at(row, 'conditions'))).toEqual([
      [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
    ]);
  });

  it('gives metadata only where only that is wanted', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
    const { body } = await cluster.ask('/api/v1/pods?limit=1', { headers: { accept } });
    expect(at(body, 'kind')).toBe('PartialObjectMetadataList');
    expect(Object.keys(Object(listAt(body, 'items')[0]))).toEqual(['kind', 'apiVersion', 'metadata']);
  });

  it('compresses answers above 128 KiB only', async () => {
    const small = await cluster.ask('/api/v1/nodes', { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBeUndefined();
    cluster.store.create('configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'large', namespace: 'ai' },
      data: { text: 'x'.repeat(200_000) },
    });
    const large = await cluster.ask('/api/v1/configmaps', { headers: { 'accept-encoding': 'gzip' } });
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(names(JSON.parse(gunzipSync(large.bytes).toString()))).toEqual(['large']);
    expect((await cluster.ask('/api/v1/configmaps')).headers['content-encoding']).toBeUndefined();
  });

  it('refuses what it cannot give: media types, paths, methods, tokens', async () => {
    const status = async (path: string, options = {}): Promise<string> => {
      const { status: code, body } = await cluster.ask(path, options);
      return `${code} ${textAt(body, 'reason')}`;
    };
    expect(await status('/api/v1/pods', { headers: { accept: 'application/vnd.kubernetes.protobuf' } })).toBe('406 NotAcceptable');
    expect(await status('/api/v1/nopes')).toBe('404 NotFound');
    expect(await status('/apis/none.example.com/v1/pods')).toBe('404 NotFound');
    expect(await status('/api/v1/pods', { method: 'DELETE' })).toBe('405 MethodNotAllowed');
    expect(await status('/api/v1/pods', { token: 'wrong' })).toBe('401 Unauthorized');
    expect(await status('/api/v1/namespaces/ai/pods/none')).toBe('404 NotFound');
    expect(await status('/api/v1/namespaces/ai/pods', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } })).toBe('400 BadRequest');
    expect(await status('/api/v1/namespaces/ai/pods', { method: 'POST', body: 'a', headers: { 'content-type': 'text/html' } })).toBe(
      '415 UnsupportedMediaType',
    );
    expect(await status('/api/v1/namespaces/ai/pods', { method: 'POST', body: { metadata: {}, spec: { containers: [] } } })).toBe('422 Invalid');
    expect((await cluster.ask('/readyz', { token: null })).body).toBe('ok');
  });

  it('takes no more after being told not to, and answers at the same address later', async () => {
    const url = cluster.api.url;
    await cluster.api.setAccepting(false);
    await expect(cluster.ask('/readyz')).rejects.toThrow(/ECONNREFUSED/);
    await cluster.api.setAccepting(true);
    expect((await cluster.ask('/readyz')).status).toBe(200);
    expect(cluster.api.url).toBe(url);
  });
});
