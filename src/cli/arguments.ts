import { InvalidArgumentError, Option } from 'commander';
import { chosenService } from '../prometheus/chosen-service.js';
import { parseDuration } from '../text/age.js';
import { type Moment, parseMoment } from './export-range.js';

/** A scenario of the demo, or true for the flag alone. */
export function scenario(name: string | true, scenarios: readonly string[]): string | true {
  if (name !== true && !scenarios.includes(name)) throw new InvalidArgumentError(`there are ${scenarios.join(', ')}.`);
  return name;
}

/** `--output` with its formats, text and json where none are given; text is the default. */
export function output(...formats: readonly string[]): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats.length === 0 ? ['text', 'json'] : [...formats]).default('text');
}

/** 0 or more. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}

/** Words with commas or blanks between. */
export function commaList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** `30%`, from 1 to 90. */
export function percentage(text: string): string {
  const share = /^(\d{1,2}(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1];
  if (share === undefined || Number(share) < 1 || Number(share) > 90) throw new InvalidArgumentError('give a percentage from 1% to 90%.');
  return `${share}%`;
}

/** How many replicas. */
export function replicaNumber(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number, 0 or more.');
  if (Number(text) < 0) throw new InvalidArgumentError('the least is 0.');
  return Number(text);
}

/** Seconds, or true for the flag alone. */
export function watchSeconds(text: string | true): number | true {
  return text === true ? true : refreshSeconds(text);
}

/** Seconds, 1 or more. */
export function refreshSeconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1) throw new InvalidArgumentError('give a number of seconds, 1 or more.');
  return value;
}

/** A duration such as 1h30m, in ms. */
export function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('give a duration such as 90s, 2m or 1h30m.');
  return ms;
}

/** A duration, as it was typed. */
export function spanOfTime(text: string): string {
  milliseconds(text);
  return text;
}

/** A moment, absolute or counted from now. */
export function moment(text: string): Moment {
  const parsed = parseMoment(text);
  if (parsed === null) throw new InvalidArgumentError('give a time such as 2026-11-02T14:00:00Z, -24h or now.');
  return parsed;
}

/** A duration of 1s or more, in ms. */
export function stepDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms < 1000) throw new InvalidArgumentError('give a duration of 1s or more, such as 15s.');
  return ms;
}

/** A URL, or a service of the cluster. */
export function prometheusPlace(text: string): string {
  return chosenService(text) === null ? httpUrl(text) : text;
}

/** An http or https URL. */
export function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError('give an http or https URL.');
  return text;
}
