/** A Service that a person chose: `namespace/service` or `namespace/service:port`. */
export interface ChosenService {
  readonly namespace: string;
  readonly name: string;
  /** Number or name; null for the one that such a service usually has. */
  readonly port: string | null;
}

/** Reads `namespace/service[:port]`; null for anything else. */
export function chosenService(text: string): ChosenService | null {
  const [, namespace, name, port = null] = /^([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)(?::([a-z0-9][a-z0-9-]*))?$/.exec(text.trim()) ?? [];
  return namespace === undefined || name === undefined ? null : { namespace, name, port };
}
