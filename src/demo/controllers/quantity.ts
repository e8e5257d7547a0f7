/** A Kubernetes quantity in base units (cores, bytes, pieces): `250m`, `4Gi`, `1e3`, `2`; 0 where it cannot be read. */
export function quantity(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 0;
  const [, digits, suffix = ''] = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(m|k|Ki|[MGTPE]i?)?$/.exec(value) ?? [];
  return digits === undefined ? 0 : Number(digits) * (factors.get(suffix) ?? 1);
}

const factors = new Map([
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);
