import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, textAt } from '../../../src/demo/api/json.js';
import { aPod, startTestCluster, type TestCluster } from './test-cluster.js';

describe('deleting over HTTP', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await startTestCluster();
  });
  afterEach(() => cluster.close());

  const remove = (path: string, body?: unknown): ReturnType<TestCluster['ask']> =>
    cluster.ask(path, { method: 'DELETE', ...(body === undefined ? {} : { body }) });
  const pods = '/api/v1/namespaces/ai/pods';

  it('only deletes the pod that was meant', async () => {
    const pod = cluster.store.create('pods', aPod('a', { phase: 'Failed' }));
    const other = await remove(`${pods}/a`, { preconditions: { uid: 'another' } });
    expect(other.status).toBe(409);
    expect(textAt(other.body, 'message')).toBe(
      `Operation cannot be fulfilled on pods "a": the UID in the precondition (another) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`,
    );
    expect((await remove(`${pods}/a`, { preconditions: { resourceVersion: '1' } })).status).toBe(409);
    const gone = await remove(`${pods}/a`, { preconditions: { uid: pod.metadata.uid } });
    expect([gone.status, at(gone.body, 'kind')]).toEqual([200, 'Pod']);
    expect((await remove(`${pods}/a`)).status).toBe(404);
  });

  it('takes options from the body, then not from the query', async () => {
    cluster.store.create('pods', aPod('a', { phase: 'Failed' }));
    expect((await remove(`${pods}/a?dryRun=All`)).status).toBe(200);
    expect(cluster.store.get('pods', 'a', 'ai')).not.toBeNull();
    expect((await remove(`${pods}/a`, { dryRun: ['All'] })).status).toBe(200);
    expect(cluster.store.get('pods', 'a', 'ai')).not.toBeNull();
    await remove(`${pods}/a?dryRun=All`, { gracePeriodSeconds: 0 });
    expect(cluster.store.get('pods', 'a', 'ai')).toBeNull();
  });

  it('keeps what has finalizers until the last is taken away', async () => {
    const pod = aPod('a', { phase: 'Failed' });
    cluster.store.create('pods', { ...pod, metadata: { ...pod.metadata, finalizers: ['example.com/hold'] } });
    expect(at((await remove(`${pods}/a`)).body, 'metadata', 'deletionTimestamp')).toBeDefined();
    expect(cluster.store.get('pods', 'a', 'ai')).not.toBeNull();
    const headers = { 'content-type': 'application/merge-patch+json' };
    await cluster.ask(`${pods}/a`, { method: 'PATCH', headers, body: { metadata: { finalizers: null } } });
    expect(cluster.store.get('pods', 'a', 'ai')).toBeNull();
  });

  it('answers the delete of other kinds with a Status, and marks owners for foreground deletion', async () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'ai' }, spec: {} };
    cluster.store.create('deployments.apps', deployment);
    const path = '/apis/apps/v1/namespaces/ai/deployments/d';
    const accepted = await remove(path, { propagationPolicy: 'Foreground' });
    expect([accepted.status, at(accepted.body, 'metadata', 'finalizers')]).toEqual([202, ['foregroundDeletion']]);
    const gone = await remove(path, { propagationPolicy: 'Background' });
    expect(gone.body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'd', group: 'apps', kind: 'deployments' } });
  });

  it('deletes a collection of one namespace only, as selected', async () => {
    for (const name of ['a', 'b']) cluster.store.create('pods', aPod(name, { phase: 'Failed' }));
    cluster.store.create('pods', aPod('c', { phase: 'Succeeded' }));
    cluster.store.create('pods', aPod('d', { phase: 'Failed', namespace: 'default' }));
    const { status, body } = await remove(`${pods}?fieldSelector=status.phase%3DFailed`);
    expect([status, at(body, 'kind')]).toEqual([200, 'PodList']);
    expect(cluster.store.list('pods').map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect((await remove('/api/v1/pods')).status).toBe(405);
  });
});
