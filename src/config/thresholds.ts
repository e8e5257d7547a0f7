/** The numbers from which something counts as wrong, by name. */
export type ThresholdName = (typeof thresholdNames)[number];

/** Those that a person has set. */
export type Thresholds = Readonly<Partial<Record<ThresholdName, number>>>;

interface Threshold {
  /** What it counts, for the settings: "certificates warn (days left)". */
  readonly label: string;
  /** Holds while nothing is set; null where the check then goes by what the cluster itself says. */
  readonly usual: number | null;
  /** In words where `usual` is null. */
  readonly otherwise?: string;
  readonly least: number;
  readonly most: number;
}

export const thresholdNames = [
  'certsWarnDays',
  'certsCriticalDays',
  'clockSkewSeconds',
  'diskWarnPercent',
  'podsPendingMinutes',
  'podsNotReadyMinutes',
  'podsTerminatingMinutes',
] as const;

export const thresholds: Readonly<Record<ThresholdName, Threshold>> = {
  certsWarnDays: { label: 'certificates warn (days left)', usual: 30, least: 0, most: 3650 },
  certsCriticalDays: { label: 'certificates fail (days left)', usual: 7, least: 0, most: 3650 },
  clockSkewSeconds: { label: 'clocks differ (seconds)', usual: 2, least: 0.1, most: 3600 },
  diskWarnPercent: {
    label: 'disks warn (percent full)',
    usual: null,
    otherwise: "less free than twice the kubelet's evictionHard",
    least: 1,
    most: 100,
  },
  podsPendingMinutes: { label: 'pods start within (minutes)', usual: 1, least: 0.1, most: 1440 },
  podsNotReadyMinutes: { label: 'pods are Ready within (minutes)', usual: 5, least: 0.1, most: 1440 },
  podsTerminatingMinutes: { label: 'pods end within (minutes)', usual: 5, least: 0.1, most: 1440 },
};

/** The number in force. */
export function threshold(set: Thresholds | undefined, name: ThresholdNameWithUsual): number {
  return set?.[name] ?? thresholds[name].usual ?? 0;
}

/** Those that hold some number of their own where nothing is set. */
export type ThresholdNameWithUsual = Exclude<ThresholdName, 'diskWarnPercent'>;

/** Reads `{ NAME: number }`, or says what is wrong with it, to be put behind "thresholds ". */
export function parseThresholds(value: unknown): Thresholds | undefined | string {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not an object';
  const set: Partial<Record<ThresholdName, number>> = {};
  for (const [key, amount] of Object.entries(value)) {
    const name = thresholdNames.find((candidate) => candidate === key);
    if (name === undefined) return `has an unknown key "${key}" (known: ${thresholdNames.join(', ')})`;
    const { least, most } = thresholds[name];
    if (typeof amount !== 'number' || !(amount >= least && amount <= most)) return `${name} is not a number from ${least} to ${most}`;
    set[name] = amount;
  }
  if (threshold(set, 'certsCriticalDays') > threshold(set, 'certsWarnDays')) return 'certsCriticalDays is more than certsWarnDays';
  return set;
}
