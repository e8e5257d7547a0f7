import { counted, listed } from '../../../text/wording.js';
import { hasProgram } from '../../machine-reading.js';
import { Unmeasured } from '../disk-look.js';
import type { Store } from './store.js';

/** Kernels that are neither the running nor the newest one, with their modules and headers. */
export const oldKernels: Store = {
  id: 'old-kernels',
  title: 'kernels older than the running and the newest',
  harm: 'the machine can no longer be booted into them',
  risk: 'disruptive',
  ticked: false,
  async measure(look) {
    if (!(await hasProgram(look.machine, ['dpkg-query', '--version']))) throw new Unmeasured('dpkg: not installed');
    const running = (await look.ask(['uname', '-r'])).trim();
    const installed = await look.ask(['dpkg-query', '-W', '-f', format, 'linux-*'], {
      // No package of that name.
      alsoDone: (code) => code === 1,
    });
    const packages = oldKernelPackages(installed, running);
    const names = packages.map(({ name }) => name);
    if (names.length > 0) {
      const foretold = removedBy(await look.ask(['apt-get', '-s', 'purge', '--', ...names], { timeoutMs: 60_000 }));
      const besides = foretold.filter((name) => !names.includes(name));
      if (besides.length > 0) throw new Unmeasured(`apt would take ${listed(besides)} with them: remove them by hand`);
    }
    const kernels = [...new Set(packages.map(({ kernel }) => kernel))];
    return {
      bytes: packages.reduce((sum, { bytes }) => sum + bytes, 0),
      exact: false,
      how: kernels.length === 0 ? `dpkg: none besides ${running} and the newest` : `dpkg: ${listed(kernels)} in ${counted(names.length, 'package')}`,
      path: '/usr',
      parts: [],
      commands: () =>
        names.length === 0
          ? []
          : [{ argv: ['apt-get', '-y', 'purge', '--', ...names], env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' }, timeoutMs: 900_000 }],
    };
  },
};

/** One line for each package, in dpkg's own language. */
const format = `${['db:Status-Status', 'Package', 'Version', 'Installed-Size'].map((field) => `\${${field}}`).join(' ')}\\n`;

/**
 * Installed packages of kernels, from lines `installed NAME VERSION KIBIBYTES`. The running kernel and the newest stay, and with them all that carries their release in its
 * name: `linux-modules-nvidia-580-server-6.8.0-94-generic`. Packages without a release (`linux-generic`) only point to the newest.
 */
export function oldKernelPackages(listing: string, running: string): readonly { readonly name: string; readonly kernel: string; readonly bytes: number }[] {
  const packages = listing.split('\n').flatMap((line) => {
    const [, name = '', size = '0'] = /^installed (linux-[a-z0-9.+-]+) \S+ (\d+)$/.exec(line) ?? [];
    const [, kernel] = /^linux-(?:image|modules|headers|tools|objects|signatures).*?-(\d+\.\d+\.\d+-\d+(?:-[a-z0-9]+)?)$/.exec(name) ?? [];
    return kernel === undefined ? [] : [{ name, kernel, bytes: Number(size) * 1024 }];
  });
  const images = packages.filter(({ name }) => name.startsWith('linux-image-')).map(({ kernel }) => kernel);
  const newest = images.sort(byRelease).at(-1);
  // Without knowing the newest, none is old.
  if (newest === undefined || running === '') return [];
  const kept = [running, newest].map(releaseOf);
  return packages.filter(({ kernel }) => !kept.includes(releaseOf(kernel)) && byRelease(kernel, newest) < 0);
}

/** Without the flavour: headers come as `6.8.0-94` and `6.8.0-94-generic`. */
function releaseOf(kernel: string): string {
  return /^\d+\.\d+\.\d+-\d+/.exec(kernel)?.[0] ?? kernel;
}

function byRelease(a: string, b: string): number {
  const [left, right] = [a, b].map((kernel) => releaseOf(kernel).split(/[.-]/).map(Number));
  for (let place = 0; place < 4; place += 1) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `Remv linux-image-… [6.8.0-90.91]` and `Purg …` of a simulation. */
function removedBy(simulation: string): readonly string[] {
  return [...simulation.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(([, name = '']) => name.replace(/:\w+$/, ''));
}
