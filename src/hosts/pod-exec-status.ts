import { clean } from '../text/clean.js';

/** How a command in a container ended. */
export type ExecOutcome =
  | { readonly status: 'ended'; readonly exitCode: number }
  /** It was never started. */
  | { readonly status: 'failed'; readonly why: string; readonly missing: boolean };

/**
 * Reads the Status object that ends an exec (k8s.io/apimachinery remotecommand): `Success`, or `Failure` with reason NonZeroExitCode and
 * the code as a cause, or with the runtime's words for why nothing ran.
 */
export function execStatus(status: unknown): ExecOutcome {
  if (typeof status !== 'object' || status === null) return { status: 'failed', why: clean(String(status), 300), missing: false };
  if ('status' in status && status.status === 'Success') return { status: 'ended', exitCode: 0 };
  const code = causes(status).find((cause) => cause.reason === 'ExitCode')?.message ?? '';
  if (/^\d+$/.test(code)) return { status: 'ended', exitCode: Number(code) };
  const message = 'message' in status && typeof status.message === 'string' ? clean(status.message, 500) : 'the server gave no reason';
  return { status: 'failed', why: message, missing: /executable file .*not found|no such file or directory/i.test(message) };
}

function causes(status: object): readonly { readonly reason: string; readonly message: string }[] {
  if (!('details' in status) || typeof status.details !== 'object' || status.details === null) return [];
  if (!('causes' in status.details) || !Array.isArray(status.details.causes)) return [];
  const list: readonly unknown[] = status.details.causes;
  return list.flatMap((cause) => {
    if (typeof cause !== 'object' || cause === null || !('reason' in cause) || !('message' in cause)) return [];
    return typeof cause.reason === 'string' && typeof cause.message === 'string' ? [{ reason: cause.reason, message: cause.message }] : [];
  });
}
