import { compareVersions } from '../hosts/version-order.js';
import { isObject } from '../kube/json.js';
import { clean } from '../text/clean.js';
import { listed } from '../text/wording.js';
import type { YamlPath, YamlSource } from './yaml-source.js';

/** Which versions go together: the rules of `assets/runbooks/versions.yaml`. */
export interface VersionMatrix {
  readonly rules: readonly VersionRule[];
}

export interface VersionRule {
  readonly variable: string;
  readonly title: string;
  readonly severity: 'problem' | 'warning';
  readonly why: string;
  /** The variable compared with. */
  readonly with: string;
  readonly test:
    | { readonly kind: 'pairs'; readonly pairs: readonly { readonly release: string; readonly from: string; readonly to: string | null }[] }
    | { readonly kind: 'follows'; readonly plus: number }
    | { readonly kind: 'least'; readonly least: ReadonlyMap<string, string> }
    | { readonly kind: 'releases'; readonly releases: readonly string[] };
}

/** What does not go together among the values, as sentences. `used`: the variables that the chosen steps see. */
export function versionFindings(
  { rules }: VersionMatrix,
  values: Readonly<Record<string, string>>,
  used: ReadonlySet<string>,
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const rule of rules) {
    const [version, other] = [values[rule.variable], values[rule.with]];
    if (!used.has(rule.variable) || version === undefined || (other === undefined && rule.test.kind !== 'releases')) continue;
    const finding = findingOf(rule, bare(clean(version, 60)), bare(clean(other ?? '', 60)));
    if (finding === null) continue;
    (finding.certain && rule.severity === 'problem' ? problems : warnings).push(`${finding.sentence} ${rule.why}`);
  }
  return { problems, warnings };
}

interface Finding {
  readonly sentence: string;
  /** False where it is only not known. */
  readonly certain: boolean;
}

function findingOf({ title, variable, test, with: compared }: VersionRule, version: string, other: string): Finding | null {
  const partner = compared === 'K8S_MINOR' ? 'Kubernetes' : compared;
  switch (test.kind) {
    case 'pairs': {
      const fits = test.pairs.filter(({ from, to }) => compareVersions(other, from) >= 0 && (to === null || compareVersions(parts(other, to), to) <= 0));
      const [pair, best] = [test.pairs.find(({ release }) => parts(version, release) === release), fits.at(-1)];
      if (pair !== undefined && fits.includes(pair)) return null;
      const advice =
        best === undefined
          ? `none of those known here (${listed(test.pairs.map(({ release }) => release))}) is`
          : `${listed(fits.map(({ release }) => release))} ${fits.length === 1 ? 'is' : 'are'}`;
      if (pair === undefined)
        return { certain: false, sentence: `Whether ${title} ${version} goes with ${partner} ${other} is not known here; ${advice} (${variable}).` };
      const range = pair.to === null ? `${pair.from} and newer` : `${pair.from} to ${pair.to}`;
      return { certain: true, sentence: `${title} ${version} is made for ${partner} ${range}, not for ${other}; ${advice} (${variable}).` };
    }
    case 'follows': {
      const [major = '0', minor = '0'] = other.split('.');
      const wanted = test.plus === 0 ? `${major}.${minor}` : String(Number(minor) + test.plus);
      const given = test.plus === 0 ? parts(version, wanted) : (version.split('.')[1] ?? '');
      if (given === wanted) return null;
      const fit = test.plus === 0 ? wanted : `${version.split('.')[0]}.${wanted}`;
      return { certain: true, sentence: `${title} ${version} does not go with ${partner} ${other}: ${fit} does (${variable}).` };
    }
    case 'least': {
      const row = [...test.least].filter(([from]) => compareVersions(other, from) >= 0).at(-1);
      if (row === undefined) return { certain: false, sentence: `Which ${title} goes with ${partner} ${other} is not known here (${variable}).` };
      if (compareVersions(version, row[1]) >= 0) return null;
      return { certain: true, sentence: `${title} ${version} is too old for ${partner} ${other}: ${row[1]} is the oldest that will do (${variable}).` };
    }
    case 'releases':
      if (test.releases.some((release) => parts(version, release) === release)) return null;
      return { certain: true, sentence: `${title} ${version} is none of those known here: ${listed(test.releases)} (${variable}).` };
  }
}

/** Without the v, and what a package adds behind a hyphen. */
function bare(version: string): string {
  return version.replace(/^v/, '');
}

/** As many parts of a version as another one has. */
function parts(version: string, like: string): string {
  return version
    .split(/[.\-+~]/)
    .slice(0, like.split('.').length)
    .join('.');
}

/** Reads the matrix; what is wrong goes to `problems`. */
export function parseVersionMatrix(source: YamlSource, problems: string[]): VersionMatrix {
  problems.push(...source.errors);
  const value = source.value();
  if (!isObject(value) || !Array.isArray(value['rules'])) {
    if (source.errors.length === 0) problems.push(source.problem([], '"rules" is missing'));
    return { rules: [] };
  }
  const rules = value['rules'].map((entry: unknown, at) => {
    const rule = ruleOf(entry);
    if (typeof rule === 'string') problems.push(source.problem(place(at), rule));
    return rule;
  });
  return { rules: rules.filter((rule) => typeof rule !== 'string') };
}

function place(at: number): YamlPath {
  return ['rules', at];
}

function ruleOf(entry: unknown): VersionRule | string {
  if (!isObject(entry)) return 'a rule should be an object';
  const { variable, title, severity, why, with: compared = 'K8S_MINOR' } = entry;
  if (typeof variable !== 'string' || typeof title !== 'string' || typeof why !== 'string' || typeof compared !== 'string')
    return 'variable, title and why should be text';
  if (severity !== 'problem' && severity !== 'warning') return 'severity should be problem or warning';
  const test = testOf(entry);
  if (typeof test === 'string') return test;
  const follows = isObject(entry['follows']) ? entry['follows']['variable'] : undefined;
  return { variable, title, severity, why: why.trim(), with: typeof follows === 'string' ? follows : compared, test };
}

function testOf({ pairs, follows, least, releases }: Readonly<Record<string, unknown>>): VersionRule['test'] | string {
  if (Array.isArray(pairs)) {
    const read = pairs.map((pair: unknown) => {
      if (!isObject(pair)) return null;
      const { release, from, to = null } = pair;
      return typeof release === 'string' && typeof from === 'string' && (to === null || typeof to === 'string') ? { release, from, to } : null;
    });
    const whole = read.filter((pair) => pair !== null);
    return whole.length === read.length ? { kind: 'pairs', pairs: whole } : 'pairs should have release, from and perhaps to, all in quotes';
  }
  if (isObject(follows)) {
    const { plus } = follows;
    return typeof plus === 'number' ? { kind: 'follows', plus } : 'follows should have variable and plus';
  }
  if (isObject(least)) {
    const rows = new Map<string, string>();
    for (const [from, version] of Object.entries(least)) if (typeof version === 'string') rows.set(from, version);
    return rows.size === Object.keys(least).length ? { kind: 'least', least: rows } : 'least should have versions in quotes';
  }
  if (Array.isArray(releases) && releases.every((release) => typeof release === 'string')) return { kind: 'releases', releases };
  return 'a rule should have pairs, follows, least or releases';
}
