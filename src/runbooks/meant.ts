import { closest } from '../text/closest.js';

/** `: is "check" meant?`, or nothing where no name is near what was typed. */
export function meant(typed: string, names: readonly string[]): string {
  const near = closest(typed, names) ?? names.find((name) => lettersOf(name) === lettersOf(typed));
  return near === undefined ? '' : `: is "${near}" meant?`;
}

/** Two letters in the wrong order are the most common mistake of all, and in a short word two edits are too many for it to be near. */
function lettersOf(name: string): string {
  return [...name.toLowerCase()].sort().join('');
}
