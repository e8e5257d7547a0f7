// What lies in the bundle: the packages that its modules came from, with their licences and a bill of materials.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import packageJson from './package.json' with { type: 'json' };

/** What may be passed on with a program under the MIT licence, with the notice kept. */
const agreed = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  '(MIT OR CC0-1.0)',
  'PSF-2.0',
  'Python-2.0',
]);

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Relative to the repository's root. */
  readonly folder: string;
}

/** The packages whose modules are in the bundle, by name. Throws where one has no licence that was agreed to. */
export function bundledPackages({ inputs }: Metafile): readonly BundledPackage[] {
  const folders = new Set(Object.keys(inputs).flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path.replace(/^[\w-]+:/, ''))?.[0] ?? []));
  return [...folders].map(packageIn).sort((a, b) => a.name.localeCompare(b.name));
}

function packageIn(folder: string): BundledPackage {
  const described = record(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const name = String(described['name']);
  const licence = licenceName(described);
  if (!agreed.has(licence)) throw new Error(`${name} has the licence "${licence}": not one that was agreed to`);
  return { name, version: String(described['version']), licence, folder };
}

/** As its package.json says it; `licenses` is how older packages have it. */
function licenceName({ license, licenses }: Readonly<Record<string, unknown>>): string {
  const named = license ?? (Array.isArray(licenses) ? record(licenses[0])['type'] : undefined);
  return typeof named === 'string' ? named : '';
}

/** Our licence and that of each package, with the notices that have to be kept. */
export function licenceTexts(packages: readonly BundledPackage[]): string {
  const own = `gpuk8s-tui ${packageJson.version} (${packageJson.license})\n\n${readFileSync('LICENSE', 'utf8')}`;
  return [own, ...packages.map(licenceText)].join(`\n${'='.repeat(80)}\n`);
}

function licenceText({ name, version, licence, folder }: BundledPackage): string {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  return `${name} ${version} (${licence})\n\n${files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')}`;
}

/** Bill of materials in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): each package with its place in the registry and the checksum of the lock file. */
export function billOfMaterials(packages: readonly BundledPackage[]): string {
  const locked = record(record(JSON.parse(readFileSync('package-lock.json', 'utf8')))['packages']);
  const components = packages.map(({ name, version, licence, folder }) => {
    const purl = purlOf(name, version);
    const id = licence.startsWith('(') ? { expression: licence } : { license: { id: licence } };
    const [, algorithm = '', sum = ''] = /^(sha\d+)-(.+)$/.exec(String(record(locked[folder])['integrity'] ?? '')) ?? [];
    const hashes = sum === '' ? {} : { hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(sum, 'base64').toString('hex') }] };
    return { type: 'library', 'bom-ref': `${purl}#${folder}`, name, version, licenses: [id], purl, ...hashes };
  });
  const own = { type: 'application', 'bom-ref': purlOf(packageJson.name, packageJson.version), name: packageJson.name, version: packageJson.version };
  const document = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: own }, components };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
