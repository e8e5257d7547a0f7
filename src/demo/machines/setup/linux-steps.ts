import { applySysctls, file, linesOf } from '../../controllers/linux.js';
import { sysctlPath } from '../../controllers/setup-record.js';
import { osRelease, swapRows } from '../shell/files.js';
import { loadedModules } from '../shell/kernel-state.js';
import { aptSays, done, drifted, type HostStep, missing, noted, type Scene, type Seen, unneeded } from './host-step.js';
import { unifiedDiff } from './unified-diff.js';

/** What Linux has to be like before Kubernetes comes. */
export const linuxSteps: readonly (readonly [string, HostStep])[] = [
  ['host-facts', { look: facts }],
  unneeded('host-ports', 'the host is a node of a cluster already: the ports are in use by Kubernetes'),
  [
    'cidr-overlap',
    {
      look: ({ values }) =>
        done(`${values.get('POD_CIDR') ?? '10.244.0.0/16'} and ${values.get('SERVICE_CIDR') ?? '10.96.0.0/12'} overlap nothing that this host has a route to`),
    },
  ],
  noted('apt-legacy-cleanup', {
    done: 'no repository is named that is gone',
    missing: 'repositories that are gone are named in /etc/apt/sources.list.d/kubernetes.list',
  }),
  noted('apt-base', {
    done: 'all of them are installed',
    missing: 'not installed: jq socat conntrack',
    says: aptSays('jq 1.7.1-3', 'socat 1.8.0.0-4', 'conntrack 1:1.4.8-1'),
  }),
  ['time-sync', timeSync()],
  noted('hosts-resolve', { done: 'all hosts and the API are found by name', missing: 'no address is known here for the API' }),
  ['swap-off', swapOff()],
  ['kernel-modules', kernelModules()],
  ['sysctl-k8s', sysctl()],
  unneeded('firewall-ports', 'ufw is not active'),
  ['psi-on', { look: () => done('pressure is measured') }],
];

function facts({ host }: Scene): Seen {
  const { machine } = host;
  const gigabytes = Math.floor(machine.hardware.memoryKi / 2 ** 20);
  const free = Math.floor(host.metric('node_filesystem_avail_bytes', { mountpoint: '/' }) / 2 ** 30);
  const [name = ''] = osRelease;
  return done(
    `system        ${/"(.*)"/.exec(name)?.[1] ?? ''}, kernel ${host.kernel()}, x86_64`,
    `boot id       ${machine.bootId}`,
    `network       eno1 52:54:00:a1:00:${machine.hardware.number.toString(16).padStart(2, '0')}`,
    'Secure Boot   SecureBoot disabled',
    `ubuntu 24.04, ${machine.hardware.cpus} CPUs, ${gigabytes} GiB of memory, ${free} GiB free in /var, ${machine.gpus} NVIDIA GPUs`,
  );
}

function timeSync(): HostStep {
  return {
    look: ({ host }) =>
      host.machine.linux.clock.synchronized
        ? done('the clock is synchronised')
        : missing(
            host.unit('chrony')?.active === 'active'
              ? 'chrony runs, and the clock is not synchronised: can the host reach a time server (UDP 123)?'
              : 'nothing sets the clock',
          ),
    says: () => ['chrony sets the clock'],
    does({ host }) {
      host.systems?.start(host.machine, 'chrony.service');
      host.machine.linux.clock = { ntp: true, synchronized: true };
      return null;
    },
  };
}

function swapOff(): HostStep {
  return {
    look({ host }) {
      const lines = linesOf(host.machine.linux, '/etc/fstab').flatMap((line) => /^(\S+)\s+\S+\s+swap\s/.exec(line)?.[1] ?? []);
      if (lines.length > 0) return missing(`fstab switches swap on at boot: ${lines.join(' ')}`);
      const active = swapRows(host).map((row) => row.split(' ')[0] ?? '');
      return active.length > 0 ? missing(`swap is on: ${active.join(' ')}`) : done('swap is off, and nothing switches it on');
    },
    says: ({ host }) => (swapRows(host).length > 0 ? ['bringing 214 MB back into memory'] : []),
    does({ host }) {
      const { linux } = host.machine;
      const fstab = linux.files.get('/etc/fstab');
      if (fstab !== undefined) linux.files.set('/etc/fstab', { ...fstab, text: fstab.text.replaceAll(/^(?!\s*#)(\S+\s+\S+\s+swap\s.*)$/gm, '#gpuk8s $1') });
      linux.swaps = linux.swaps.map((swap) => ({ ...swap, active: false }));
      host.systems?.look(host.machine);
      return null;
    },
    undoes({ host }) {
      const { linux } = host.machine;
      const fstab = linux.files.get('/etc/fstab');
      if (fstab !== undefined) linux.files.set('/etc/fstab', { ...fstab, text: fstab.text.replaceAll(/^#gpuk8s /gm, '') });
      linux.swaps = linux.swaps.map((swap) => ({ ...swap, active: true }));
      host.systems?.look(host.machine);
    },
  };
}

function kernelModules(): HostStep {
  return {
    look({ host }) {
      const loaded = loadedModules(host);
      const absent = ['overlay', 'br_netfilter'].filter((each) => !loaded.includes(each));
      return absent.length > 0 ? missing(`not loaded: ${absent.join(' ')}`) : done('both are there, and loaded at each boot');
    },
    does({ host }) {
      for (const module of ['overlay', 'br_netfilter']) host.machine.linux.modules.add(module);
      return null;
    },
  };
}

/** Its file is as the step wrote it, with what somebody has added since. */
function sysctl(): HostStep {
  return {
    edited: ({ record }) => (record.additions.has(sysctlPath) ? sysctlPath : null),
    look({ host, record, files }) {
      const { linux } = host.machine;
      const [wanted] = files.values();
      const added = record.additions.get(sysctlPath);
      if (wanted !== undefined && added !== undefined)
        return drifted(...unifiedDiff(sysctlPath, `${wanted}${added}`, wanted), `${sysctlPath} is not as it was written`);
      const wrong = leastSysctls.flatMap(([key, least]) => {
        const value = linux.sysctls.get(key) ?? 'absent';
        return Number(value) >= least ? [] : [`${key} is ${value}`];
      });
      return wrong.length > 0 ? drifted(wrong.join(', ')) : done('the kernel is set for Kubernetes');
    },
    says: ({ files }) => [...files.values()].flatMap((text) => text.split('\n').filter((line) => /^[\w.-]+\s*=/.test(line))),
    does({ host, record, files }) {
      const { linux } = host.machine;
      record.additions.delete(sysctlPath);
      const [text] = files.values();
      if (text === undefined) return 'the step has no file';
      linux.files.set(sysctlPath, file(text));
      applySysctls(linux, linesOf(linux, sysctlPath));
      return null;
    },
    undoes({ host }) {
      host.machine.linux.files.delete(sysctlPath);
      host.machine.linux.sysctls.set('fs.inotify.max_user_instances', '128');
    },
  };
}

const leastSysctls = [
  ['net.bridge.bridge-nf-call-iptables', 1],
  ['net.bridge.bridge-nf-call-ip6tables', 1],
  ['net.ipv4.ip_forward', 1],
  ['fs.inotify.max_user_instances', 1024],
  ['fs.inotify.max_user_watches', 524_288],
] as const;
