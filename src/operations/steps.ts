import { commandLine } from '../hosts/shell-quote.js';
import type { KubeRequest } from '../kube/client.js';
import type { ClusterSnapshot } from '../state/snapshot.js';
import { clean } from '../text/clean.js';
import type { Action, CommandAction, RequestAction } from './operation.js';

/** One change before it has its place in a plan. */
export interface Change {
  /** What it is done to: `node/gpu-2`, `pod/ns/name`, `host/gpu-2`. */
  readonly object: string;
  /** In words. */
  readonly text: string;
  /** The exact request or command. */
  readonly exact: string;
  /** What it wins back of a disk, as measured. */
  readonly bytes?: number;
  readonly action: Action;
}

/** How a PATCH is meant, as its content type says it. */
export const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** Who we are among an object's managers. */
export const fieldManager = 'gpuk8s-tui';

/** A request to the API server; its exact words are the method, the path and the body as JSON. */
export function requestChange(
  change: { readonly object: string; readonly text: string; readonly path: string } & Pick<RequestAction, 'alsoDone' | 'retry'> &
    Pick<KubeRequest, 'method' | 'query' | 'body' | 'contentType' | 'accept'>,
): Change {
  const { object, text, path, alsoDone, retry, ...request } = change;
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`));
  const body = request.body === undefined ? '' : ` ${JSON.stringify(request.body)}`;
  const exact = `${request.method ?? 'GET'} ${path}${query.length === 0 ? '' : `?${query.join('&')}`}${body}`;
  return {
    object,
    text,
    exact,
    action: { do: 'request', path, request, ...(alsoDone === undefined ? {} : { alsoDone }), ...(retry === undefined ? {} : { retry }) },
  };
}

/** A PATCH of the object that was looked at and of none that took its name since: the server refuses another UID. */
export function patchChange(change: {
  readonly object: string;
  readonly text: string;
  readonly path: string;
  readonly type: keyof typeof patchTypes;
  readonly uid: string;
  readonly patch: Readonly<Record<string, unknown>> & { readonly metadata?: Readonly<Record<string, unknown>> };
}): Change {
  const { object, text, path, type, uid, patch } = change;
  const body = { ...patch, metadata: { uid, ...patch.metadata } };
  return requestChange({ object, text, path, method: 'PATCH', contentType: patchTypes[type], query: { fieldManager }, body });
}

/** A DELETE of the very object that was looked at; one that is gone, or whose name is another's now, needs none. */
export function deleteChange(change: { readonly object: string; readonly text: string; readonly path: string; readonly uid: string }): Change {
  const { uid, ...rest } = change;
  return requestChange({
    ...rest,
    method: 'DELETE',
    // The whole object would come back: all that is wanted is that it went.
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
    alsoDone: deletedBefore,
  });
}

const deletedBefore = { 404: 'already gone', 409: 'already gone: another one has its name now' } as const;

/** A command as root on a machine; its exact words can be pasted into a root shell there. */
export function commandChange(
  change: { readonly text: string } & Pick<CommandAction, 'host' | 'argv' | 'stdin' | 'env' | 'timeoutMs' | 'alsoDone' | 'cutOff'>,
): Change {
  const { text, ...command } = change;
  return { object: `host/${command.host}`, text, exact: clean(`${command.host}# ${pasted(command)}`), action: { do: 'command', sudo: true, ...command } };
}

/** Nothing is changed: the steps after it need what it waits for. */
export function waitChange(change: {
  readonly object: string;
  readonly text: string;
  readonly condition: (snapshot: ClusterSnapshot) => boolean;
  readonly timeoutMs: number;
}): Change {
  const { object, text, condition, timeoutMs } = change;
  return { object, text: `Wait until ${text}`, exact: `wait up to ${Math.ceil(timeoutMs / 60_000)} min`, action: { do: 'wait', text, condition, timeoutMs } };
}

function pasted({ argv, stdin, env }: Pick<CommandAction, 'argv' | 'stdin' | 'env'>): string {
  const command = commandLine(argv, env);
  if (stdin === undefined) return command;
  return `${commandLine(['printf', '%s\\n', ...stdin.replace(/\n$/, '').split('\n')])} | ${command}`;
}
