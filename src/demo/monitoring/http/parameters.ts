import { parseDuration } from '../promql/duration.js';
import { BadData } from './api-error.js';

/** A moment from a parameter in seconds: Unix time or RFC 3339; throws BadData with Prometheus' words. */
export function timeOf(parameters: URLSearchParams, name: string, otherwise: number | null): number {
  const text = parameters.get(name);
  if (text === null || text === '') {
    if (otherwise !== null) return otherwise;
    throw new BadData(`invalid parameter "${name}": cannot parse "" to a valid timestamp`);
  }
  const seconds = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : rfc3339(text);
  if (Number.isNaN(seconds)) throw new BadData(`invalid parameter "${name}": cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  return seconds;
}

/** A step from a parameter in seconds: a number or a duration; throws BadData. */
export function stepOf(parameters: URLSearchParams): number {
  const text = parameters.get('step') ?? '';
  const seconds = text !== '' && Number.isFinite(Number(text)) ? Number(text) : parseDuration(text);
  if (seconds === null) throw new BadData(`invalid parameter "step": cannot parse ${JSON.stringify(text)} to a valid duration`);
  if (seconds <= 0) throw new BadData('invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer');
  return seconds;
}

function rfc3339(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
}
