import type { LogOptions } from './api/hooks.js';
import type { KubeObject } from './api/object-store.js';
import { isLost } from './controllers/machines.js';
import { appOf } from './controllers/pod-faults.js';
import { isReady } from './controllers/pod-state.js';
import { workLog } from './controllers/short-work.js';
import type { World } from './controllers/world.js';
import { listAt, textAt } from './fields.js';
import { gpuUuid } from './monitoring/model/gpu-devices.js';

/** The log of a container: what programs of its kind say when they start, and what is wrong with it now. Lines carry the times at which they were written where that is asked for. */
export function podLog(world: World, pod: KubeObject, options: LogOptions): string {
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === options.container);
  const began = Date.parse(
    textAt(status, 'state', 'running', 'startedAt') ?? textAt(status, 'lastState', 'terminated', 'startedAt') ?? textAt(pod, 'status', 'startTime') ?? '',
  );
  const start = Number.isNaN(began) ? world.clock.now() : began;
  const main = textAt(listAt(pod, 'spec', 'containers')[0], 'name') === options.container;
  const lines = linesOf(world, pod, main).map((text, place) => ({ text, at: start + place * 137 }));
  const since =
    options.sinceTime !== null
      ? Date.parse(options.sinceTime)
      : options.sinceSeconds !== null
        ? world.clock.now() - options.sinceSeconds * 1000
        : Number.NEGATIVE_INFINITY;
  const wanted = lines.filter((line) => line.at >= since);
  const tail = options.tailLines === null ? wanted : options.tailLines === 0 ? [] : wanted.slice(-options.tailLines);
  const text = tail.map((line) => `${options.timestamps ? `${new Date(line.at).toISOString().replace('Z', '000000Z')} ` : ''}${line.text}\n`).join('');
  return options.limitBytes === null ? text : text.slice(0, options.limitBytes);
}

function linesOf(world: World, pod: KubeObject, main: boolean): readonly string[] {
  if (!main) return ['level=info msg="started"'];
  const work = workLog(pod, world.machines.get(textAt(pod, 'spec', 'nodeName') ?? ''));
  if (work !== null && !known.some(([pattern]) => pattern.test(appOf(pod)))) return work;
  const fault = world.faults.of(pod);
  const app = appOf(pod);
  if (app === 'nvidia-device-plugin') return devicePlugin(textAt(pod, 'spec', 'runtimeClassName') === 'nvidia', lostDevices(world, pod));
  if (app === 'dcgm-exporter' && !isReady(pod))
    return [
      ...starts.dcgm,
      'time=2026-11-02T14:00:02Z level=ERROR msg="Failed to watch metrics" error="Error watching fields: Cannot perform the requested operation because NVML doesn\'t exist on this system."',
    ];
  const usual =
    app === 'dcgm-exporter' ? starts.dcgm : (known.find(([pattern]) => pattern.test(app))?.[1] ?? [`${app === '' ? pod.metadata.name : app}: started`]);
  return fault === null ? usual : [...usual, ...(fault.log ?? [])];
}

/** UUIDs of the GPUs that fell off the bus of a pod's machine. */
function lostDevices(world: World, pod: KubeObject): string[] {
  const machine = world.machines.get(textAt(pod, 'spec', 'nodeName') ?? '');
  if (machine === null) return [];
  return Array.from({ length: machine.gpus }, (_, gpu) => gpu)
    .filter((gpu) => isLost(machine, gpu))
    .map((gpu) => gpuUuid(machine.name, gpu));
}

/** k8s-device-plugin 0.20, with and without the nvidia runtime underneath. */
function devicePlugin(works: boolean, lost: readonly string[]): readonly string[] {
  const start = [
    'I1102 14:00:00.121000       1 main.go:238] "Starting NVIDIA Device Plugin" version="0.20.0"',
    'I1102 14:00:00.121411       1 main.go:241] Starting FS watcher for /var/lib/kubelet/device-plugins',
    'I1102 14:00:00.121502       1 main.go:248] Starting OS watcher.',
    'I1102 14:00:00.122190       1 main.go:263] Starting Plugins.',
    'I1102 14:00:00.122231       1 main.go:320] Loading configuration.',
  ];
  if (works) {
    return [
      ...start,
      'I1102 14:00:00.361870       1 main.go:361] Retrieving plugins.',
      "I1102 14:00:00.502133       1 server.go:197] Starting GRPC server for 'nvidia.com/gpu'",
      "I1102 14:00:00.503910       1 server.go:141] Starting to serve 'nvidia.com/gpu' on /var/lib/kubelet/device-plugins/nvidia-gpu.sock",
      "I1102 14:00:00.507733       1 server.go:148] Registered device plugin for 'nvidia.com/gpu' with Kubelet",
      ...lost.flatMap((uuid) => [
        `I1102 14:00:01.512004       1 health.go:163] XidCriticalError: Xid=79 on Device=${uuid}, the device will go unhealthy.`,
        `I1102 14:00:01.512113       1 server.go:289] 'nvidia.com/gpu' device marked unhealthy: ${uuid}`,
      ]),
    ];
  }
  return [
    ...start,
    'E1102 14:00:00.124011       1 factory.go:113] Incompatible strategy detected auto',
    'E1102 14:00:00.124023       1 factory.go:114] If this is a GPU node, did you configure the NVIDIA Container Toolkit?',
    'E1102 14:00:00.124029       1 factory.go:115] You can check the prerequisites at: https://github.com/NVIDIA/k8s-device-plugin#prerequisites',
    'E1102 14:00:00.124035       1 factory.go:116] You can learn how to set the runtime at: https://github.com/NVIDIA/k8s-device-plugin#quick-start',
    'E1102 14:00:00.124042       1 factory.go:117] If this is not a GPU node, you should set up a toleration or nodeSelector to only deploy this plugin on GPU nodes',
    'I1102 14:00:00.124050       1 main.go:381] No devices found. Waiting indefinitely.',
  ];
}

const starts = {
  dcgm: [
    'time=2026-11-02T14:00:00Z level=INFO msg="Starting dcgm-exporter" Version=4.5.3-4.8.2',
    'time=2026-11-02T14:00:01Z level=INFO msg="Attempting to initialize DCGM."',
    'time=2026-11-02T14:00:01Z level=INFO msg="DCGM successfully initialized!"',
  ],
} as const;

const known: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /resnet|distilbert|whisper/,
    [
      'INFO:     Started server process [1]',
      'INFO:     Waiting for application startup.',
      'INFO:     Model loaded on cuda:0',
      'INFO:     Application startup complete.',
      'INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)',
    ],
  ],
  [
    /finetune/,
    [
      '[rank0] loading meta-llama/Meta-Llama-3-8B in bfloat16',
      '[rank0] 4 processes, global batch 64',
      "{'loss': 1.2184, 'grad_norm': 0.8412, 'learning_rate': 1.7e-05, 'epoch': 0.41}",
      "{'loss': 1.2067, 'grad_norm': 0.8127, 'learning_rate': 1.6e-05, 'epoch': 0.42}",
    ],
  ],
  [
    /^prometheus$/,
    [
      'time=2026-11-02T14:00:00Z level=INFO source=main.go:725 msg="Starting Prometheus Server" mode=server version="(version=3.14.0, branch=HEAD)"',
      'time=2026-11-02T14:00:03Z level=INFO source=main.go:1260 msg="Server is ready to receive web requests."',
    ],
  ],
  [
    /grafana/,
    [
      'logger=settings t=2026-11-02T14:00:00Z level=info msg="Starting Grafana" version=12.4.1',
      'logger=http.server t=2026-11-02T14:00:02Z level=info msg="HTTP Server Listen" address=[::]:3000 protocol=http',
    ],
  ],
  [
    /kube-dns/,
    [
      '.:53',
      '[INFO] plugin/reload: Running configuration SHA512 = 1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b',
      'CoreDNS-1.14.2',
      'linux/amd64, go1.26.1, dd1df4f',
    ],
  ],
  [
    /calico-node/,
    [
      '2026-11-02 14:00:00.101 [INFO][9] startup/startup.go 444: Early log level set to info',
      '2026-11-02 14:00:01.412 [INFO][68] felix/daemon.go 448: Felix starting up',
      '2026-11-02 14:00:02.011 [INFO][68] felix/int_dataplane.go 2015: Completed first update to dataplane.',
    ],
  ],
];
