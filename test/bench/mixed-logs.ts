import { Readable } from 'node:stream';
import { knownLines } from '../diagnosis/known-lines.js';

/** Log lines as machines and pods of a busy cluster print them: of 500 one has a known failure. Always the same for the same size; made as it is read. */
export function mixedLogs(megabytes: number): Readable {
  return Readable.from(chunks(megabytes * 1_000_000));
}

function* chunks(bytes: number): Generator<Buffer> {
  const random = randoms(20261102);
  let made = 0;
  while (made < bytes) {
    let text = '';
    while (text.length < 65_536) text += `${lineOf(random)}\n`;
    const chunk = Buffer.from(text);
    made += chunk.length;
    yield chunk;
  }
}

function lineOf(random: () => number): string {
  const which = random();
  if (which < 0.002) return knownLines[Math.floor(random() * knownLines.length)]?.line ?? '';
  if (which < 0.004) return knownLines[Math.floor(random() * knownLines.length)]?.nearMiss ?? '';
  const template = templates[Math.floor(random() * templates.length)] ?? '';
  return template.replace(/#/g, () => String(Math.floor(random() * 100_000)));
}

const templates: readonly string[] = [
  'I1102 14:00:12.#     912 kubelet.go:2406] "SyncLoop (PLEG): event for pod" pod="ai/whisper-inference-6c9d7b5f4-#" event={"ID":"#","Type":"ContainerStarted","Data":"#"}',
  'E1102 14:00:12.#     912 pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"server\\" with CrashLoopBackOff: \\"back-off 5m0s restarting failed container=server pod=trainer-#\\"" pod="ai/trainer-#" podUID="#"',
  'time="2026-11-02T14:00:12.#Z" level=info msg="PullImage \\"registry.lab/whisper:2.1\\" returns image reference \\"sha256:#\\""',
  'time="2026-11-02T14:00:12.#Z" level=warning msg="cleaning up after shim disconnected" id=# namespace=k8s.io',
  '{"level":"info","ts":"2026-11-02T14:00:12.#Z","caller":"mvcc/kvstore_compaction.go:66","msg":"finished scheduled compaction","compact-revision":#,"took":"#ms","hash":#}',
  'INFO:     10.244.1.#:# - "POST /v1/transcriptions HTTP/1.1" 200 OK',
  'INFO:     10.244.1.#:# - "GET /metrics HTTP/1.1" 200 OK',
  '2026-11-02 14:00:12.# [INFO][68] felix/int_dataplane.go 1941: Finished applying updates to dataplane. msecToApply=#',
  "{'loss': 1.#, 'grad_norm': 0.#, 'learning_rate': 1.7e-05, 'epoch': 0.#}",
  'gpu-2 kernel: NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  580.173.02  Release Build  (dvs-builder@U22-I3-AE18-23-3)',
  'gpu-2 kernel: audit: type=1400 audit(1793628130.#:#): apparmor="DENIED" operation="ptrace" profile="cri-containerd.apparmor.d" pid=# comm="node_exporter"',
  'gpu-2 kernel: nvidia-uvm: Loaded the UVM driver, major device number #.',
  'level=ERROR ts=2026-11-02T14:00:12.#Z caller=scrape.go:1399 component="scrape manager" scrape_pool=kubelet target=https://10.0.0.12:10250/metrics msg="Scrape failed" err="context deadline exceeded"',
  '[INFO] 10.244.0.#:# - # "A IN prometheus.monitoring.svc.cluster.local. udp 64 false 1232" NOERROR qr,aa,rd 126 0.000#s',
  'Readiness probe failed: Get "http://10.244.1.#:8000/health": dial tcp 10.244.1.#:8000: connect: connection refused',
  '0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu. preemption: 0/3 nodes are available: # No preemption victims found.',
  'Traceback (most recent call last): File "/app/server.py", line #, in <module> torch.OutOfMemoryError: CUDA out of memory. Tried to allocate #.00 MiB. GPU 0 has a total capacity of 79.25 GiB',
  '',
  '    at processTicksAndRejections (node:internal/process/task_queues:#:5)',
  'I1102 14:00:12.#       1 garbagecollector.go:806] "garbage collector deleted object" item="[v1/Pod, namespace: ai, name: whisper-#, uid: #]"',
];

/** A small generator of numbers from 0 to 1 (mulberry32), so that each run has the same lines. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
