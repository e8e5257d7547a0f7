import type { Settings } from './settings.js';

/** What the command line said; a missing field was not given. */
export interface Flags {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  /** Scenario name, or true for `--demo` alone. */
  readonly demo?: string | true;
  readonly prometheus?: string;
  readonly readOnly?: boolean;
  readonly refresh?: number;
}

/** What the session works with, after flag > environment > config file > default. */
export interface Config {
  readonly context: string | null;
  readonly kubeconfig: string | null;
  readonly namespace: string | null;
  readonly demoScenario: string | null;
  readonly prometheusUrl: string | null;
  readonly readOnly: boolean;
  /** Seconds between two questions to what can only be polled (Prometheus, health pages). */
  readonly refreshSeconds: number;
}

export function resolveConfig(flags: Flags, env: NodeJS.ProcessEnv, settings: Settings): Config {
  return {
    context: flags.context ?? given(env['GPUK8S_TUI_CONTEXT']),
    kubeconfig: flags.kubeconfig ?? null,
    namespace: flags.namespace ?? null,
    demoScenario: flags.demo === true ? 'healthy' : (flags.demo ?? null),
    prometheusUrl: flags.prometheus ?? given(env['GPUK8S_TUI_PROMETHEUS']),
    readOnly: flags.readOnly ?? (isTrue(env['GPUK8S_TUI_READ_ONLY']) || settings.readOnly),
    refreshSeconds: flags.refresh ?? settings.refreshSeconds,
  };
}

/** Whether an environment variable switches something on: anything but '', 0, false and no. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

function given(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value;
}
