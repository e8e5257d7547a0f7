import { readFileSync } from 'node:fs';
import { assetsPath } from '../../src/assets-path.js';
import { builtins } from '../../src/runbooks/builtins.js';
import { columnsOf } from '../../src/runbooks/inventory.js';
import { loadCatalogue } from '../../src/runbooks/load.js';
import type { StepSpec, VariableSpec } from '../../src/runbooks/playbook.js';
import { renderFiles } from '../../src/runbooks/render.js';
import type { Phase, RenderedFile } from '../../src/runbooks/step-script.js';
import { declaredVariables } from '../../src/runbooks/variables.js';
import type { SetupHost } from '../../src/state/setup.js';

/** All that the program can set up. */
export const catalogue = loadCatalogue({ assets: assetsPath(), own: null });
export const prelude = readFileSync(assetsPath('runbooks', 'prelude.sh'), 'utf8');
export const everyStep: readonly StepSpec[] = catalogue.playbooks.flatMap(({ steps }) => steps);
export const declared = declaredVariables(catalogue.playbooks, catalogue.shared);

/** Machines of every role, so that no step is without one. */
export const hosts: readonly SetupHost[] = [
  { name: 'lb-1', address: '192.168.10.9', roles: ['load-balancer'] },
  { name: 'lb-2', address: '192.168.10.10', roles: ['load-balancer'] },
  { name: 'cp-1', address: '192.168.10.11', roles: ['control-plane'] },
  { name: 'cp-2', address: '192.168.10.12', roles: ['control-plane'] },
  { name: 'cp-3', address: '192.168.10.13', roles: ['control-plane'] },
  { name: 'gpu-1', address: '192.168.10.21', roles: ['gpu', 'build'] },
  { name: 'gpu-2', address: '192.168.10.22', roles: ['gpu'] },
  { name: 'node-1', address: '192.168.10.25', roles: ['worker'] },
  { name: 'nfs', address: '192.168.10.30', roles: ['nfs-server'] },
];

/** What a step sees there where it is done first: its variables with values that could be meant, and the builtins. */
export function valuesOf(step: StepSpec, others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const own = Object.keys(step.variables).map((name) => [name, others[name] ?? likely(name)] as const);
  return { ...Object.fromEntries(own), ...builtins(hosts, columnsOf(step.on, hosts)[0] ?? 'cluster', 'lab') };
}

export function filesOf(step: StepSpec, values: Readonly<Record<string, string>>): readonly RenderedFile[] {
  return renderFiles(step, values, hosts, catalogue.template);
}

/** The phases that a step has; it is verified by its check where it has nothing of its own for that. */
export function phasesOf({ apply, undo }: StepSpec): readonly Phase[] {
  return ['check', ...(apply === null ? [] : ['apply' as const, 'verify' as const]), ...(undo === null ? [] : ['undo' as const])];
}

export function specOf(name: string): VariableSpec {
  const spec = declared.get(name);
  if (spec === undefined) throw new Error(`no playbook declares ${name}`);
  return spec;
}

/** A value that somebody could mean. */
function likely(name: string): string {
  const value = given[name] ?? specOf(name).default;
  if (value === null) throw new Error(`${name} has no default: say here what it could be`);
  return value;
}

/** Of variables that have no default. */
const given: Readonly<Record<string, string>> = {
  ADMIN_USER: 'ops',
  API_ENDPOINT: 'k8s-api.lab.example',
  CA_CERT_HASH: `sha256:${'0'.repeat(64)}`,
  CERTIFICATE_KEY: '1'.repeat(64),
  ENCRYPTION_KEY: `${'A'.repeat(43)}=`,
  GRAFANA_PASSWORD: 'correct horse battery staple',
  JOIN_TOKEN: 'abcdef.0123456789abcdef',
  LOCAL_PV_NODE: 'gpu-1',
  LOG_HOST: 'logs.lab.example',
  NODE_CIDR: '192.168.10.0/24',
  S3_ACCESS_KEY: 'AKIA0EXAMPLE',
  S3_SECRET_KEY: 'wJalr+XUtnFEMI/K7MDENG',
  S3_URL: 'https://s3.example.org',
};
