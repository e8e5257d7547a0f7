import type { Quantities } from '../../state/quantities.js';
import { podRequests } from './pod-requests.js';

/** Extended resources that the scheduler reserves for a pod; null for none. */
export function deviceRequests(spec: unknown): Quantities | null {
  return podRequests(spec, isExtended);
}

/** Prefixed names are extended resources, except `kubernetes.io/` ones and hugepages, which have no slash anyway. */
function isExtended(resource: string): boolean {
  return resource.includes('/');
}
