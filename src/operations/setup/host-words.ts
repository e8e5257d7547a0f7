import { HostError } from '../../hosts/host-error.js';
import { clean } from '../../text/clean.js';

/** Why a machine could not be asked, and what to do about it, in words for the screen. */
export function hostWords(error: unknown): string {
  if (error instanceof HostError) return clean(error.fix === null ? error.message : `${error.message}: ${error.fix}`, 500);
  return clean(error instanceof Error ? error.message : String(error), 500);
}

/** Whether it may be otherwise in a while: the machine is away, or the way there. */
export function mayPass(error: unknown): boolean {
  return error instanceof HostError && (error.kind === 'dropped' || error.kind === 'unreachable' || error.kind === 'timeout');
}
