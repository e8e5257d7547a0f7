/** A count with separators between the thousands: `10,214`. */
export function count(amount: number): string {
  return String(Math.round(amount)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Bytes in the binary unit that leaves it at 1 or more: `1008 GiB`, `13.2 GiB`, `0 B`. */
export function bytes(amount: number): string {
  let value = amount;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${units[unit] ?? 'B'}`;
}

/** Any resource of a node in its own unit: bytes for memory and storage, cores (`250m`, `1.5`, `64`) for cpu, plain counts for the rest. */
export function amountOf(resource: string, amount: number): string {
  if (bytewise.test(resource)) return bytes(amount);
  if (resource !== 'cpu') return count(amount);
  return amount !== 0 && Math.abs(amount) < 1 ? `${Math.round(amount * 1000)}m` : String(Number(amount.toFixed(2)));
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const bytewise = /^(?:memory|storage|ephemeral-storage|hugepages-.*)$/;
