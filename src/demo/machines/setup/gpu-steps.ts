import { hasMismatch } from '../../controllers/machines.js';
import { revive } from './cluster-steps.js';
import { aptSays, done, drifted, type HostStep, missing, notApplicable, noted, unneeded } from './host-step.js';

/** Driver, toolkit and what the container runtime needs for GPUs. */
export const gpuSteps: readonly (readonly [string, HostStep])[] = [
  onGpus('gpu-detect', {
    look: ({ host }) => done(...host.gpus().map(({ device, kind }) => `${device.pciBusId} ${kind.name}`), `${host.machine.gpus} NVIDIA GPUs on the PCI bus`),
  }),
  onGpus('secure-boot', { look: () => done('Secure Boot is off') }),
  onGpus('nouveau-off', { look: () => done('nouveau is not loaded, and will not be') }),
  onGpus('nvidia-driver', driver()),
  onGpus(
    ...noted('nvidia-hold', {
      done: 'the driver stays as it is in upgrades',
      missing: 'unattended upgrades may change the driver under running GPUs: nothing holds nvidia-driver-580-server',
      says: ['nvidia-driver-580-server set on hold.'],
    }),
  ),
  onGpus('nvidia-persistence', {
    look: ({ host }) => (host.machine.linux.persistence ? done('the driver stays loaded') : missing('the driver is unloaded when nobody uses the GPUs')),
    says: () => ['Created symlink /etc/systemd/system/multi-user.target.wants/nvidia-persistenced.service.'],
    does({ host }) {
      revive(host, 'nvidia-persistenced.service');
      host.machine.linux.persistence = true;
      return null;
    },
    undoes({ host }) {
      host.systems?.stop(host.machine, 'nvidia-persistenced.service');
    },
  }),
  onGpus(
    ...noted('ctk-install', {
      done: 'NVIDIA container toolkit 1.20.0',
      missing: 'the NVIDIA container toolkit is not installed',
      says: aptSays('nvidia-container-toolkit 1.20.0-1'),
    }),
  ),
  onGpus('ctk-crio', toolkitOf('cri-o', 'CRI-O')),
  onGpus('ctk-containerd', toolkitOf('containerd', 'containerd')),
  unneeded('ctk-docker', 'docker is not installed here'),
  onGpus('cdi-spec', {
    look({ host }) {
      const { linux, driver: loaded } = host.machine;
      if (linux.cdi === null) return missing('there is no CDI specification of the GPUs');
      return linux.cdi === loaded.library
        ? done(`/var/run/cdi/nvidia.yaml is of driver ${linux.cdi}`)
        : drifted(`/var/run/cdi/nvidia.yaml is of driver ${linux.cdi}, ${loaded.library} is installed`);
    },
    says: ({ host }) => [`Generated CDI spec with version 1.0.0 for ${host.machine.gpus} GPUs`],
    does({ host }) {
      host.systems?.start(host.machine, 'nvidia-cdi-refresh.service');
      host.machine.linux.cdi = host.machine.driver.library;
      return null;
    },
  }),
];

function onGpus(id: string, step: HostStep): readonly [string, HostStep] {
  return [id, { ...step, look: (scene) => (scene.host.machine.gpus === 0 ? notApplicable('there is no NVIDIA GPU in this host') : step.look(scene)) }];
}

function driver(): HostStep {
  return {
    look({ host }) {
      const { driver: versions } = host.machine;
      if (hasMismatch(host.machine))
        return drifted(`the kernel has the module of ${versions.module}, the libraries are of ${versions.library}: a reboot loads the new one`);
      return host.driverLoaded() ? done(`driver ${versions.module}, ${host.machine.gpus} GPUs`) : missing('the driver is not loaded');
    },
    says: ({ host }) => [
      `nvidia-driver-580-server is already the newest version (${host.machine.driver.library}-0ubuntu0.24.04.1).`,
      'It is loaded at the next boot.',
    ],
    does: () => null,
  };
}

function toolkitOf(runtime: 'cri-o' | 'containerd', name: string): HostStep {
  return {
    look: ({ host, record }) => {
      if (host.machine.hardware.runtime !== runtime) return notApplicable(`${name} is not installed`);
      return record.open.has(`ctk-${runtime}`) ? missing(`${name} has no runtime nvidia`) : done(`${name} has the runtime nvidia`);
    },
    says: () => ['level=info msg="Wrote updated config"', `It is recommended that ${name} be restarted.`],
    does({ record }) {
      record.open.delete(`ctk-${runtime}`);
      return null;
    },
    undoes: ({ record }) => record.open.add(`ctk-${runtime}`),
  };
}
