/** How the machines of one context are reached; part of the settings of a context (`hosts` in config.json). A field left out means: as ssh_config says, else the usual. */
export interface HostSettings {
  readonly user?: string;
  readonly port?: number;
  /** Private key file. */
  readonly key?: string;
  /** Host to jump through, as ssh -J takes it. */
  readonly jump?: string;
  /** Whether commands that need root go through sudo. Default: true unless the user is root. */
  readonly sudo?: boolean;
  /** False: never open SSH connections for this context. */
  readonly enabled?: boolean;
  /** By node or host name: what differs there; hosts that are no nodes (a load balancer) need an address. */
  readonly each?: Readonly<Record<string, Omit<HostSettings, 'each' | 'enabled'> & { readonly address?: string }>>;
}
