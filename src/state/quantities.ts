/** Resource name to amount in base units: cores for cpu, bytes for memory and storage, pieces for pods and devices. */
export type Quantities = ReadonlyMap<string, number>;
