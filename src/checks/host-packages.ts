import { age } from '../text/age.js';
import { defineHostCheck } from './host-check.js';
import { driverTag } from './host-driver.js';
import { onHost, told } from './host-machine.js';
import { listed } from './wording.js';

/** An upgrade that comes by itself leaves kubelets newer than their control plane, and restarts runtimes. */
export const packageHolds = defineHostCheck({
  id: 'package-holds',
  title: 'Kubernetes packages are held back',
  severity: 'warning',
  about: 'nodes',
  good: 'Kubernetes packages held back',
  look(machine) {
    const installed = told(machine.facts.nodePackages).map(({ name }) => name);
    const holds = new Set(told(machine.facts.packageHolds));
    if (installed.length === 0) return { status: 'skipped', why: 'Kubernetes does not come from packages there' };
    const loose = installed.filter((name) => !holds.has(name));
    if (loose.length === 0) return { status: 'pass' };
    return {
      status: 'warn',
      message: `${listed(loose, 6)} on ${machine.name} ${loose.length === 1 ? 'is' : 'are'} not held back: the next upgrade of all packages takes ${loose.length === 1 ? 'it' : 'them'} along`,
      fix: {
        summary: 'Hold them back',
        command: onHost(machine, `sudo apt-mark hold ${loose.join(' ')}`),
        operation: { id: 'hold-packages', input: { host: machine.name, packages: loose.join(' ') } },
      },
    };
  },
});

/** What unattended-upgrades did lately to what a GPU node depends on. */
export const unattendedRan = defineHostCheck({
  id: 'unattended-ran',
  title: 'no upgrade came by itself',
  severity: 'info',
  dependsOn: ['driver-lib-match'],
  about: 'all',
  good: 'no unattended upgrade of driver, kernel, runtime or Kubernetes this week',
  look(machine, sight) {
    const { aptHistory } = machine.facts;
    if (!aptHistory.known && aptHistory.why.endsWith(': not found')) return { status: 'skipped', why: 'no apt there' };
    const runs = told(aptHistory).filter(({ command, at }) => /unattended-upgrade/.test(command) && at !== null && sight.now - at < week);
    const touched = runs.filter(({ changes }) => changes.some(({ packages }) => packages.length > 0));
    const last = touched.at(-1);
    if (last === undefined) return { status: 'pass' };
    const packages = last.changes.flatMap((change) => change.packages);
    return {
      status: 'warn',
      message: `unattended-upgrades changed ${listed(packages)} on ${machine.name}${last.at === null ? '' : ` ${age(last.at, sight.now)} ago`}`,
      // That the driver no longer fits is the news then; this is how it came.
      explainedBy: driverTag(machine),
      fix: { summary: 'Name nvidia, libnvidia, linux- and kube in Unattended-Upgrade::Package-Blacklist, and upgrade them by hand', command: null },
    };
  },
});

const week = 7 * 24 * 60 * 60_000;
