/** A function of each element's value alone, with the scalar parameters after the vector. */
export type ElementFunction = (value: number, parameters: readonly number[]) => number;

export const elementFunctions: Readonly<Record<string, ElementFunction>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  sqrt: Math.sqrt,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sgn: Math.sign,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  deg: (value) => (value * 180) / Math.PI,
  rad: (value) => (value * Math.PI) / 180,
  // Halves go up; dividing by the inverse keeps 0.1 steps free of binary noise.
  round: (value, [nearest = 1]) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest),
  clamp: (value, [low = Number.NaN, high = Number.NaN]) => Math.max(low, Math.min(high, value)),
  clamp_min: (value, [low = Number.NaN]) => Math.max(low, value),
  clamp_max: (value, [high = Number.NaN]) => Math.min(high, value),
  minute: (value) => utc(value).getUTCMinutes(),
  hour: (value) => utc(value).getUTCHours(),
  day_of_week: (value) => utc(value).getUTCDay(),
  day_of_month: (value) => utc(value).getUTCDate(),
  day_of_year: (value) => Math.floor((utc(value).getTime() - Date.UTC(utc(value).getUTCFullYear(), 0, 1)) / 86_400_000) + 1,
  days_in_month: (value) => new Date(Date.UTC(utc(value).getUTCFullYear(), utc(value).getUTCMonth() + 1, 0)).getUTCDate(),
  month: (value) => utc(value).getUTCMonth() + 1,
  year: (value) => utc(value).getUTCFullYear(),
};

function utc(seconds: number): Date {
  return new Date(seconds * 1000);
}
