/** A place where commands can be run: this machine, another one over SSH, a pod. */
export interface Host {
  readonly name: string;
  /** For the screen: `ssh ops@10.0.0.12:22 via bastion`. */
  readonly road: string;
  /** Resolves when the command has ended, however it ended; rejects with HostError when it could not be run, was cut off, or ran out of time. */
  run(command: HostCommand): Promise<HostResult>;
  close(): void;
}

export interface HostCommand {
  /** Program and arguments; over SSH they are quoted for a POSIX shell, never pasted. */
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Sent to the far side as environment assignments in front of the command, quoted. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sudo?: boolean;
  /** Default 30 s. The command is ended on the far side too, as far as that can be done. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
  /** stdout and stderr are kept up to this many bytes each, then cut with a note. Default 16 MiB. */
  readonly maxBytes?: number;
}

export interface HostResult {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}
