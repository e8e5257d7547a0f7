import { unit } from './hash.js';

/**
 * Smooth noise around 1 whose integral is known, so that a counter can be told for any moment without having been counted:
 * a sum of sines from two minutes to a day. `amplitude` (below 1) bounds the swing, so that it never gets negative.
 */
export interface Noise {
  /** The noise at a moment (seconds). */
  at(time: number): number;
  /** Its integral since a fixed moment. */
  integral(time: number): number;
}

const periods = [97, 331, 790, 2300, 11_700, 86_400];
const weights = [0.12, 0.18, 0.26, 0.2, 0.12, 0.12];

/** The noise that belongs to a name. */
export function noise(name: string, amplitude: number): Noise {
  const waves = periods.map((period, index) => ({
    speed: (2 * Math.PI) / (period * (0.9 + 0.2 * unit(`${name}/period${index}`))),
    phase: 2 * Math.PI * unit(`${name}/phase${index}`),
    height: amplitude * (weights[index] ?? 0),
  }));
  return {
    at(time) {
      let value = 1;
      for (const { speed, phase, height } of waves) value += height * Math.sin(speed * (time - origin) + phase);
      return value;
    },
    integral(time) {
      let value = time - origin;
      for (const { speed, phase, height } of waves) value -= (height / speed) * Math.cos(speed * (time - origin) + phase);
      return value;
    },
  };
}

// Small arguments keep the sines exact: 2026-01-01.
const origin = 1_767_225_600;
