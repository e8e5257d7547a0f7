import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/demo/api/object-store.js';
import { fieldsOf } from '../../../src/demo/api/patches/fields.js';
import { applyJsonPatch } from '../../../src/demo/api/patches/json-patch.js';
import { recordUpdate } from '../../../src/demo/api/patches/managed-fields.js';
import { applyMergePatch } from '../../../src/demo/api/patches/merge-patch.js';
import { applyServerSide } from '../../../src/demo/api/patches/server-side-apply.js';
import { applyStrategicMergePatch } from '../../../src/demo/api/patches/strategic-merge-patch.js';

describe('a JSON patch', () => {
  it('adds, replaces, removes, moves, copies and tests', () => {
    const document = { a: [1, 2], b: { 'x/y': 1 } };
    const patched = applyJsonPatch(document, [
      { op: 'test', path: '/a/0', value: 1 },
      { op: 'add', path: '/a/1', value: 9 },
      { op: 'add', path: '/a/-', value: 3 },
      { op: 'replace', path: '/b/x~1y', value: 5 },
      { op: 'copy', from: '/b', path: '/c' },
      { op: 'move', from: '/b/x~1y', path: '/d' },
      { op: 'remove', path: '/a/0' },
    ]);
    expect(patched).toEqual({ a: [9, 2, 3], b: {}, c: { 'x/y': 5 }, d: 5 });
    expect(document).toEqual({ a: [1, 2], b: { 'x/y': 1 } });
  });

  it('is refused as a whole when one step cannot be done', () => {
    expect(() => applyJsonPatch({ a: 1 }, [{ op: 'remove', path: '/b' }])).toThrow('doc is missing key: /b');
    expect(() => applyJsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }])).toThrow('testing value /a failed');
  });
});

describe('a merge patch', () => {
  it('merges objects, replaces lists and removes with null', () => {
    expect(applyMergePatch({ a: { b: 1, c: 2 }, l: [1] }, { a: { b: null, d: 3 }, l: [2] })).toEqual({ a: { c: 2, d: 3 }, l: [2] });
  });
});

describe('a strategic merge patch', () => {
  const merge = (target: unknown, patch: unknown, kind = 'Pod'): unknown => applyStrategicMergePatch(kind, target, patch);

  it('merges lists by their keys', () => {
    const pod = { spec: { containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] }, { name: 'b' }] } };
    const patch = { spec: { containers: [{ name: 'a', image: '2', env: [{ name: 'Y', value: '2' }], ports: [{ containerPort: 80, name: 'http' }] }] } };
    expect(merge(pod, patch)).toEqual({
      spec: {
        containers: [
          {
            name: 'a',
            image: '2',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
            ports: [{ containerPort: 80, name: 'http' }],
          },
          { name: 'b' },
        ],
      },
    });
  });

  it('replaces lists without keys, and merges service ports by port', () => {
    expect(merge({ spec: { tolerations: [{ key: 'a' }] } }, { spec: { tolerations: [{ key: 'b' }] } })).toEqual({ spec: { tolerations: [{ key: 'b' }] } });
    expect(merge({ spec: { ports: [{ port: 80, name: 'a' }] } }, { spec: { ports: [{ port: 81 }] } }, 'Service')).toEqual({
      spec: { ports: [{ port: 80, name: 'a' }, { port: 81 }] },
    });
  });

  it('follows its directives', () => {
    const target = {
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } }, containers: [{ name: 'a' }, { name: 'b' }] },
      metadata: { finalizers: ['x', 'y'] },
    };
    expect(merge(target, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } })).toMatchObject({ spec: { strategy: { type: 'Recreate' } } });
    expect(merge(target, { spec: { containers: [{ name: 'a', $patch: 'delete' }] } })).toMatchObject({ spec: { containers: [{ name: 'b' }] } });
    expect(merge(target, { spec: { containers: [{ $patch: 'replace' }, { name: 'c' }] } })).toMatchObject({ spec: { containers: [{ name: 'c' }] } });
    expect(merge(target, { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], strategy: null } })).toEqual({
      spec: { containers: [{ name: 'b' }, { name: 'a' }] },
      metadata: { finalizers: ['x', 'y'] },
    });
    expect(merge(target, { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } })).toMatchObject({ metadata: { finalizers: ['y'] } });
    expect(merge(target, { metadata: { finalizers: ['z'] } })).toMatchObject({ metadata: { finalizers: ['x', 'y', 'z'] } });
  });
});

describe('server-side apply', () => {
  const deployment = (spec: object): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'n' }, spec });
  const apply = (live: KubeObject | null, spec: object, manager: string, force = false): KubeObject =>
    applyServerSide(live, deployment(spec), { manager, force, now: '2026-11-21T06:00:00Z' });

  it('takes away what the manager applied before and now leaves out, unless another owns it', () => {
    const first = apply(null, { replicas: 1, paused: true, minReadySeconds: 3 }, 'one');
    const second = apply(first, { minReadySeconds: 3 }, 'two');
    const third = apply(second, { replicas: 1 }, 'one');
    expect(third['spec']).toEqual({ replicas: 1, minReadySeconds: 3 });
  });

  it('refuses to change what another manager set, also by a plain update, and takes it over when forced', () => {
    const first = apply(null, { replicas: 1 }, 'one');
    const scaled = recordUpdate(first, { ...first, spec: { replicas: 5 } }, 'hpa', undefined, '2026-11-21T06:00:01Z');
    expect(() => apply(scaled, { replicas: 1 }, 'one')).toThrow('Apply failed with 1 conflict: conflict with "hpa" using apps/v1: .spec.replicas');
    const forced = apply(scaled, { replicas: 1 }, 'one', true);
    expect(forced['spec']).toEqual({ replicas: 1 });
    expect(JSON.stringify(forced.metadata.managedFields)).not.toContain('hpa');
  });

  it('names the fields of keyed lists by their keys', () => {
    const containers = [{ name: 'a', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }] }];
    expect(fieldsOf('Deployment', deployment({ template: { spec: { containers } } }))).toEqual({
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"a"}': {
                '.': {},
                'f:name': {},
                'f:image': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } },
              },
            },
          },
        },
      },
    });
  });
});
