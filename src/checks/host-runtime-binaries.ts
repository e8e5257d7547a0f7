import { defineHostCheck } from './host-check.js';
import { onHost, told } from './host-machine.js';
import { listed } from './wording.js';

/** A broken package leaves a service whose program is gone: systemd says 203, and dpkg that all is well. */
export const runtimeBinaries = defineHostCheck({
  id: 'runtime-binaries',
  title: "the runtimes' programs are there",
  severity: 'critical',
  about: 'nodes',
  good: "the runtime's programs are there",
  look(machine) {
    const { runtime } = machine;
    if (runtime !== 'crio' && runtime !== 'containerd')
      return { status: 'skipped', why: runtime === null ? 'no container runtime known there' : `no CRI-O or containerd, but ${runtime} there` };
    const paths = told(machine.facts.runtimeBinaries).map(({ path }) => path);
    const has = (name: string) => paths.some((path) => path.endsWith(`/${name}`));
    const missing =
      runtime === 'crio' ? [...lacking(['crio', 'conmon'], has), ...(has('crun') || has('runc') ? [] : ['crun'])] : lacking(['containerd', 'runc'], has);
    // Distributions keep theirs in folders of their own.
    if (missing.includes('containerd') && machine.facts.services.known && !machine.facts.services.value.some(({ name }) => name === 'containerd'))
      return { status: 'skipped', why: 'containerd is part of another program there' };
    if (missing.length === 0) return { status: 'pass' };
    const name = runtime === 'crio' ? 'cri-o' : missing.includes('containerd') ? 'containerd.io' : 'runc';
    return {
      status: 'fail',
      message: `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing on ${machine.name}: its container runtime cannot start containers`,
      fix: { summary: `Install the package ${name} again on ${machine.name}`, command: onHost(machine, `sudo apt-get install --reinstall ${name}`) },
      explains: [machine.object, `binaries/${machine.name}`],
    };
  },
});

function lacking(names: readonly string[], has: (name: string) => boolean): readonly string[] {
  return names.filter((name) => !has(name));
}
