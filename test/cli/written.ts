import type { Output } from '../../src/cli/output.js';

/** What a command wrote. */
export interface Written extends Output {
  readonly text: () => string;
  readonly errors: () => string;
  readonly json: () => unknown;
}

export function written({ isTty = false } = {}): Written {
  const out: string[] = [];
  const errors: string[] = [];
  return {
    stdout: (text) => void out.push(text),
    stderr: (text) => void errors.push(text),
    isTty,
    text: () => out.join(''),
    errors: () => errors.join(''),
    json: () => JSON.parse(out.join('')),
  };
}
