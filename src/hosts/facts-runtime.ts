import type { HostFacts } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { known, notUnderstood, underHeadings, unknown } from './fact.js';
import { compareVersions } from './version-order.js';

type Lines = readonly string[];

/** `PATH<tab>first line of --version`; of that line the version alone is kept. */
export function runtimeBinaries(lines: Lines): HostFacts['runtimeBinaries'] {
  const seen = new Set<string>();
  return known(
    lines.flatMap((line) => {
      const [path = '', said = ''] = line.split('\t', 2);
      if (!path.startsWith('/') || seen.has(path)) return [];
      seen.add(path);
      return [{ path: clean(path, 512), version: /\bv?(\d+\.\d+(?:\.\d+)?(?:[-+~][\w.]+)*)/.exec(said)?.[1] ?? null }];
    }),
  );
}

/**
 * The runtime that the kubelet uses (its endpoint says so, else the one that is there), whether it knows a handler `nvidia`, and its
 * default. CRI-O: `[crio.runtime.runtimes.nvidia]`. containerd: `[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]`
 * before 2.0, `[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.nvidia]` since.
 */
export function runtimeConfig(lines: Lines): HostFacts['runtimeConfig'] {
  const groups = underHeadings(lines);
  const endpoint = groups.find(({ title }) => title.startsWith('endpoint '))?.title ?? '';
  const byRuntime = (name: string) => groups.filter(({ title }) => title.startsWith(`${name} `)).flatMap((group) => group.lines);
  const present = ['crio', 'containerd', 'docker'].filter((name) => groups.some(({ title }) => title.startsWith(`${name} `)));
  const named = /crio/.test(endpoint) ? 'crio' : /containerd|\bk3s\b/.test(endpoint) ? 'containerd' : /docker/.test(endpoint) ? 'docker' : undefined;
  const runtime = named ?? present[0];
  if (runtime === undefined) return unknown('no configuration of CRI-O or containerd found');
  const config = byRuntime(runtime);
  if (runtime === 'docker') return known({ runtime, nvidiaHandler: config.some((line) => line.includes('"nvidia"')), defaultRuntime: dockerDefault(config) });
  return known({
    runtime,
    nvidiaHandler: config.some((line) => handler.test(line)),
    defaultRuntime: lastSetting(config, runtime === 'crio' ? 'default_runtime' : 'default_runtime_name'),
  });
}

const handler = /^\s*\[.*\bruntimes\.["']?nvidia["']?[.\]]/;

/** Later files and drop-ins win. */
function lastSetting(lines: Lines, name: string): string | null {
  const values = lines.flatMap((line) => new RegExp(`^\\s*${name}\\s*=\\s*["']([^"']*)["']`).exec(line)?.[1] ?? []);
  const last = values.at(-1);
  return last === undefined || last === '' ? null : clean(last, 64);
}

function dockerDefault(lines: Lines): string | null {
  const match = lines.flatMap((line) => /"default-runtime"\s*:\s*"([^"]*)"/.exec(line)?.[1] ?? [])[0];
  return match === undefined ? null : clean(match, 64);
}

export function lowLevelRuntimes(lines: Lines): HostFacts['lowLevelRuntimes'] {
  const found = lines.flatMap((line) => {
    const match = /^(yes|no) (.+)$/.exec(line);
    return match === null ? [] : [{ path: clean(match[2] ?? '', 512), executable: match[1] === 'yes' }];
  });
  return found.length === 0 ? notUnderstood(lines) : known(found);
}

/** The spec for nvidia.com/gpu; where both folders have one, the one in /var/run/cdi is newer: it is written at each boot. */
export function cdi(lines: Lines): HostFacts['cdi'] {
  const specs = underHeadings(lines).filter(({ title }) => title.startsWith('/'));
  const spec =
    specs.find((group) => group.lines.some((line) => /kind"?:\s*"?nvidia\.com\/gpu/.test(line))) ?? specs.find(({ title }) => title.includes('nvidia'));
  if (spec === undefined)
    return unknown(`no CDI spec for nvidia.com/gpu${specs.length === 0 ? '' : ` among ${clean(specs.map(({ title }) => title).join(', '), 200)}`}`);
  const versions = spec.lines.flatMap((line) => /^lib(?:cuda|nvidia-ml)\.so\.(\d{2,4}\.[\d.]*\d)/.exec(line)?.[1] ?? []);
  return known({ spec: clean(spec.title, 512), driverVersion: [...versions].sort(compareVersions).at(-1) ?? null, devices: cdiDevices(spec.lines) });
}

/** `name:` entries of the devices; hooks and device nodes below have no names, environment has none either. */
function cdiDevices(lines: Lines): readonly string[] {
  const names = lines.flatMap((line) => /^\s*-?\s*"?name"?:\s*"?'?([\w.:-]+)/.exec(line)?.[1] ?? []);
  return [...new Set(names.map((name) => clean(name, 128)))];
}
