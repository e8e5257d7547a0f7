import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Catalogue, loadCatalogue } from '../../src/runbooks/load.js';

const assets = join(import.meta.dirname, '../../assets');

/** A folder of assets as the program has it, with no playbooks but those: `{ 'runbooks/swap.yaml': … }`. */
export function assetsWith(files: Readonly<Record<string, string>>): string {
  const folder = folderOf({ 'runbooks/variables.yaml': variables, 'manifests/.keep': '', ...files });
  for (const file of ['playbook.schema.json', 'profile.schema.json', 'versions.yaml', 'prelude.sh'])
    copyFileSync(join(assets, 'runbooks', file), join(folder, 'runbooks', file));
  cpSync(join(assets, 'signatures'), join(folder, 'signatures'), { recursive: true });
  return folder;
}

/** The catalogue of the program's files and a person's own. */
export function catalogueOf(files: Readonly<Record<string, string>>, own: Readonly<Record<string, string>> | null = null): Catalogue {
  return loadCatalogue({ assets: assetsWith(files), own: own === null ? null : folderOf(own) });
}

/** The sentences that one own file is left out with; its name stands for the folder it lies in. */
export function problemsOf(own: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = { 'runbooks/swap.yaml': swap }): readonly string[] {
  const folder = folderOf(own);
  return loadCatalogue({ assets: assetsWith(files), own: folder }).problems.map((problem) => problem.replace(`${folder}/`, ''));
}

/** The real thing. */
export function ownCatalogue(): Catalogue {
  return loadCatalogue({ assets, own: null });
}

export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A playbook of one step that can be changed line by line. */
export const swap = `id: swap
title: Turn swap off
about: The kubelet does not start with it.
steps:
  - id: swap-off
    title: Turn swap off
    why: The kubelet does not start with it.
    on: [all]
    risk: disruptive
    check: |
      [ -z "$(swapon --noheadings --show)" ] || missing 'swap is on'
    apply: |
      backup /etc/fstab
      swapoff -a
    patience: 90s
    timeout: 2m30s
`;

/** A playbook of steps, each with no more than it must have and what is given as further lines of YAML. */
export function playbook(id: string, steps: Readonly<Record<string, string>>, more = ''): string {
  const lines = Object.entries(steps).map(([step, given]) => {
    const has = (key: string) => new RegExp(`^${key}:`, 'm').test(given);
    const usual = [`title: ${step}`, 'why: It has to be.', 'on: [all]', 'risk: safe', "check: 'true'"].filter((line) => !has(line.replace(/:.*/, '')));
    return [`  - id: ${step}`, ...[...usual, ...given.split('\n').filter((line) => line !== '')].map((line) => `    ${line}`)].join('\n');
  });
  return `id: ${id}\ntitle: The playbook ${id}\nabout: For a test.\n${more}steps:\n${lines.join('\n')}\n`;
}

export const realVariables = readFileSync(join(assets, 'runbooks/variables.yaml'), 'utf8');

const variables = `variables:
  CNI: {title: Pod network, help: One of them., type: choice, choices: [calico, flannel], default: calico}
  POD_CIDR: {title: Network of the pods, help: Of the pods., type: cidr, default: 10.244.0.0/16}
  JOIN_TOKEN: {title: Join token, help: Made by the first control plane., type: text, secret: true}
`;
