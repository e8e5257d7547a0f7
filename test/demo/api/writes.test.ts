import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/demo/api/api-error.js';
import { at, listAt, objectAt, textAt } from '../../../src/demo/api/json.js';
import { aNode, aPod, startTestCluster, type TestCluster } from './test-cluster.js';

describe('writing over HTTP', () => {
  let cluster: TestCluster;
  let refusal: ApiError | null = null;

  beforeEach(async () => {
    refusal = null;
    cluster = await startTestCluster({ gates: { refuse: () => refusal, failingCheck: (check) => (check === 'etcd' ? 'etcd is away' : null) } });
  });
  afterEach(() => cluster.close());

  const send = (method: string, path: string, body: unknown, type = 'application/json'): ReturnType<TestCluster['ask']> =>
    cluster.ask(path, { method, body, headers: { 'content-type': type } });
  const deployments = '/apis/apps/v1/namespaces/ai/deployments';
  const deployment = {
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    },
  };

  it('makes names up, fills in defaults, and does nothing when it is only a rehearsal', async () => {
    const pod = { metadata: { generateName: 'job-' }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    const dry = await send('POST', '/api/v1/namespaces/ai/pods?dryRun=All', pod);
    expect([dry.status, cluster.store.count('pods')]).toEqual([201, 0]);
    const { body } = await send('POST', '/api/v1/namespaces/ai/pods', pod);
    expect(textAt(body, 'metadata', 'name')).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(body).toMatchObject({
      spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'Always' }] },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  it('names all that is wrong', async () => {
    const message = async (body: unknown): Promise<string> => textAt((await send('POST', deployments, body)).body, 'message');
    expect(await message({ ...deployment, metadata: { name: 'Web_1' } })).toMatch(
      /^Deployment\.apps "Web_1" is invalid: metadata\.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist/,
    );
    expect(await message({ ...deployment, spec: { ...deployment.spec, replicas: -1 } })).toBe(
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
    expect(await message({ ...deployment, spec: { ...deployment.spec, replicas: 'two' } })).toContain(
      'cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    expect(await message({ ...deployment, spec: { ...deployment.spec, selector: { matchLabels: { app: 'other' } } } })).toContain(
      '`selector` does not match template `labels`',
    );
    expect(await message({ ...deployment, metadata: { name: 'web', namespace: 'default' } })).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    expect(await message({ ...deployment, metadata: { name: 'web', labels: { a: 1 } } })).toContain(
      'cannot unmarshal number into Go struct field ObjectMeta.metadata.labels',
    );
  });

  it('counts generations for what is wanted, not for status', async () => {
    await send('POST', deployments, deployment);
    const patch = (path: string, body: unknown): ReturnType<TestCluster['ask']> =>
      send('PATCH', `${deployments}/web${path}`, body, 'application/merge-patch+json');
    expect(at((await patch('', { spec: { replicas: 2 }, status: { replicas: 9 } })).body, 'metadata', 'generation')).toBe(2);
    const status = (await patch('/status', { spec: { replicas: 7 }, status: { replicas: 1 } })).body;
    expect([at(status, 'metadata', 'generation'), at(status, 'spec', 'replicas'), at(status, 'status')]).toEqual([2, 2, { replicas: 1 }]);
    const labelled = (await patch('', { metadata: { labels: { a: 'b' } } })).body;
    expect(at(labelled, 'metadata', 'generation')).toBe(2);
    const version = at(labelled, 'metadata', 'resourceVersion');
    expect(at((await patch('', { metadata: { labels: { a: 'b' } } })).body, 'metadata', 'resourceVersion')).toBe(version);
  });

  it('leaves an object that came without defaults as it is when only a label changes', async () => {
    const { metadata, spec } = deployment;
    cluster.store.create('deployments.apps', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...metadata, namespace: 'ai' }, spec });
    const { body } = await send('PATCH', `${deployments}/web`, { metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json');
    expect([objectAt(body, 'spec'), at(body, 'metadata', 'generation')]).toEqual([spec, 1]);
  });

  it('scales through the subresource, with the resourceVersion as a precondition', async () => {
    await send('POST', deployments, deployment);
    const { body } = await cluster.ask(`${deployments}/web/scale`);
    expect(body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=web' } });
    expect((await send('PUT', `${deployments}/web/scale`, { ...objectAt({ body }, 'body'), spec: { replicas: 4 } })).body).toMatchObject({
      spec: { replicas: 4 },
    });
    expect((await send('PUT', `${deployments}/web/scale`, { ...objectAt({ body }, 'body'), spec: { replicas: 5 } })).status).toBe(409);
    expect((await send('PATCH', `${deployments}/web/scale`, { spec: { replicas: -1 } }, 'application/merge-patch+json')).status).toBe(422);
  });

  it('binds a pod to a node once', async () => {
    cluster.store.create('nodes', aNode('gpu-1'));
    cluster.store.create('pods', aPod('a', { node: '', phase: 'Pending' }));
    const bind = (): ReturnType<TestCluster['ask']> => send('POST', '/api/v1/namespaces/ai/pods/a/binding', { target: { kind: 'Node', name: 'gpu-1' } });
    expect((await bind()).status).toBe(201);
    expect(at(cluster.store.get('pods', 'a', 'ai'), 'spec', 'nodeName')).toBe('gpu-1');
    expect((await bind()).status).toBe(409);
  });

  it('refuses what a scenario tells it to, and shows failing checks', async () => {
    refusal = new ApiError(429, 'TooManyRequests', 'too many requests, please try again later', { retryAfterSeconds: 1 });
    const { status, headers } = await cluster.ask('/api/v1/nodes');
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    const ready = await cluster.ask('/readyz?verbose');
    expect(ready.status).toBe(500);
    expect(String(ready.body)).toContain('[-]etcd failed: reason withheld\n');
    expect(String(ready.body)).toContain('readyz check failed');
    expect((await cluster.ask('/readyz/ping')).body).toBe('ok');
    expect((await cluster.ask('/livez?exclude=etcd')).status).toBe(200);
  });

  it('offers discovery in both forms', async () => {
    const { body } = await cluster.ask('/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' },
    });
    expect(at(body, 'kind')).toBe('APIGroupDiscoveryList');
    expect(listAt((await cluster.ask('/apis')).body, 'groups').map((group) => textAt(group, 'name'))).toContain('apps');
    expect(listAt((await cluster.ask('/apis/apps/v1')).body, 'resources').map((resource) => textAt(resource, 'name'))).toContain('deployments/scale');
    expect(at((await cluster.ask('/apis/apps')).body, 'preferredVersion', 'groupVersion')).toBe('apps/v1');
  });
});
