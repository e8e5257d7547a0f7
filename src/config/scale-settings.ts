/** A number of replicas with a name. */
export interface ScalePreset {
  readonly name: string;
  readonly replicas: number;
}

/** The load states of the usual experiment. */
export const usualPresets: readonly ScalePreset[] = [
  { name: 'baseline', replicas: 1 },
  { name: 'modest', replicas: 3 },
  { name: 'high', replicas: 8 },
];

/** Reads `{ presets?: { NAME: REPLICAS } }`, in the order in which they are offered; or says in one sentence what is wrong with it. */
export function parseScalePresets(stored: unknown): readonly ScalePreset[] | string {
  if (!isRecord(stored)) return 'it is not an object';
  const other = Object.keys(stored).find((key) => key !== 'presets');
  if (other !== undefined) return `it has an unknown key "${other}" (known: presets)`;
  const { presets } = stored;
  if (presets === undefined) return usualPresets;
  if (!isRecord(presets)) return 'presets is not an object';
  const named = Object.entries(presets);
  const wrong = named.find(([, replicas]) => typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0);
  if (wrong !== undefined) return `presets.${wrong[0]} is not a whole number from 0 on`;
  return named.flatMap(([name, replicas]) => (typeof replicas === 'number' ? [{ name, replicas }] : []));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
