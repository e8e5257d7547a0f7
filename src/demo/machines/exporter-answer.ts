import type { ProxiedAnswer } from '../api/hooks.js';
import type { KubeObject } from '../api/object-store.js';
import { appOf } from '../controllers/pod-faults.js';
import { isReady, nodeOf } from '../controllers/pod-state.js';
import { dcgmFamilies } from '../monitoring/exporters/dcgm-exporter.js';
import { exposition } from '../monitoring/exporters/family.js';
import type { ClusterModel } from '../monitoring/model/cluster-model.js';

/** What a DCGM exporter answers behind its pod's proxy: `/metrics` and `/health`; null for other pods, and for one that does not work. */
export function exporterAnswer(model: ClusterModel, pod: KubeObject, port: string, path: string): ProxiedAnswer | null {
  const node = model.node(nodeOf(pod) ?? '');
  if (appOf(pod) !== 'dcgm-exporter' || !['9400', 'metrics', ''].includes(port) || node === null || !isReady(pod)) return null;
  if (path === '/health') return { status: 200, contentType: 'text/plain; charset=utf-8', body: 'OK' };
  if (path !== '/metrics') return { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
  return { status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', body: exposition(dcgmFamilies(model, node), model.now()) };
}
