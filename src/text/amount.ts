import { formatBytes, formatCores, formatCount } from './quantity.js';

/** A count with separators between the thousands: `10,214`. */
export const count = formatCount;

/** Any resource of a node in its own unit: bytes for memory and storage, cores for cpu, plain counts for the rest. */
export function amountOf(resource: string, amount: number): string {
  if (resource === 'cpu') return formatCores(amount);
  return bytewise.test(resource) ? formatBytes(amount) : formatCount(amount);
}

const bytewise = /^(?:memory|storage|ephemeral-storage|hugepages-.*)$/;
