/** Bytes in the largest binary unit that keeps the number at 1 or more: `512 GiB`, `13.2 GiB`, `0 B`. */
export function bytes(amount: number): string {
  let value = amount;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${short(value)} ${units[unit] ?? 'B'}`;
}

/** A count with separators between the thousands: `10,214`. */
export function count(amount: number): string {
  return amount.toLocaleString('en-US');
}

/** Cores or pieces without needless digits: `64`, `3.5`, `0.25`. */
export function short(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 2)));
}

/** Any resource of a node in its own unit: bytes for memory and storage, plain numbers for the rest. */
export function quantity(resource: string, amount: number): string {
  return bytewise.test(resource) ? bytes(amount) : short(amount);
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
const bytewise = /^(?:memory|storage|ephemeral-storage|hugepages-.*)$/;
