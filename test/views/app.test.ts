import { describe, expect, it } from 'vitest';
import { absent, denied, stale } from '../../src/state/freshness.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { aSnapshot, now } from '../builders/snapshot.js';

process.env['TZ'] = 'UTC';

describe('the frame', () => {
  it('shows nodes at 80×24 as this picture', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    expect(await app.until((screen) => screen.includes('gpu-2'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over▸2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Nodes 3 ───────────────────────────────────────────────────── 3 of 3 ready ─╮
      │   NAME            STATUS               SINCE    GPUS  REQ  FREE  PODS        │
      │ ▸ controlplane    Ready                  24h  1 of 1    0     1     0        │
      │ ✓ gpu-1           Ready                  24h  8 of 8    6     2     2        │
      │ ! gpu-2           Ready, DiskPressure  3m12s  0 of 8    0     0     2        │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      │                                                                              │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  / filter  enter details  y YAML  p pause  q quit  r refresh"
    `);
    await app.close();
  });

  it('shows nodes at 120×40 as this picture', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes', columns: 120, rows: 40 });
    expect(await app.until((screen) => screen.includes('gpu-2'))).toMatchInlineSnapshot(`
      " lab  10.0.0.10:6443  v1.36.2                              3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Overview ▸2 Nodes  3 GPUs  4 Monitoring  5 Latency  6 Workloads  7 Cleanup  8 Setup  9 Journal
      ╭─ Nodes 3 ───────────────────────────────────────────────────────────────────────────────────────────── 3 of 3 ready ─╮
      │   NAME            ROLES          STATUS               SINCE    GPUS  REQ  FREE  PODS  VERSION   AGE  IP              │
      │ ▸ controlplane    control-plane  Ready                  24h  1 of 1    0     1     0  v1.36.2  120d  10.0.0.10       │
      │ ✓ gpu-1           worker         Ready                  24h  8 of 8    6     2     2  v1.36.2   90d  10.0.0.11       │
      │ ! gpu-2           worker         Ready, DiskPressure  3m12s  0 of 8    0     0     2  v1.36.2   90d  10.0.0.12       │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      │                                                                                                                      │
      ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  / filter  enter details  y YAML  p pause  q quit  r refresh"
    `);
    await app.close();
  });

  it('shows monitoring at 80×24 as this picture', async () => {
    const app = anApp(aSession(aLab()), { screen: 'monitoring' });
    expect(await app.until((screen) => screen.includes('connection refused'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Over 2 Node 3 GPU▸4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Monitoring ─────────────────────────────────────────────────────────────────╮
      │ ✓ Prometheus 3.14.0  9 ms  service monitoring/prometheus-operated            │
      │ ✓ Grafana 12.4.1  12 ms  dashboards: it wants a login                        │
      │ ◌ Alertmanager: loading                                                      │
      │ ! dcgm-exporter 2/3  ✓ node-exporter 3/3  ✓ kubelet 3/3                      │
      │ ✓ kube-state-metrics 1/1  ✓ prometheus 1/1                                   │
      ╰──────────────────────────────────────────────────────────────────────────────╯
      ╭▸ Targets 11 ─────────────────────────────── 10 of 11 up  alerts ?  probes ? ─╮
      │   JOB                 INSTANCE         HEALTH  SCRAPED    TOOK               │
      │ ▸ dcgm-exporter       10.0.0.12:9400   down         7s  0.6 ms               │
      │ ✓ dcgm-exporter       10.0.0.10:9400   up           7s  4.3 ms               │
      │ ✓ dcgm-exporter       10.0.0.11:9400   up           7s  4.3 ms               │
      │ ✓ kube-state-metrics  10.244.0.7:8080  up           7s   21 ms               │
      │ ✓ kubelet             10.0.0.10:10250  up           7s  118 ms               │
      │ ✓ kubelet             10.0.0.11:10250  up           7s  118 ms               │
      │ ✓ kubelet             10.0.0.12:10250  up           7s  118 ms               │
      │ ──────────────────────────────────────────────────────────────────────────── │
      │ http://10.0.0.12:9400/metrics                                                │
      │ Get "http://10.0.0.12:9400/metrics": dial tcp 10.0.0.12:9400: connect:       │
      │ connection refused                                                           │
      ╰────────────────────────────────────────────────────────────────── 1–7 of 11 ─╯
       ? help  : go to  f fix  / filter  enter details  tab panel  p pause  q quit"
    `);
    await app.close();
  });

  it('shows the details of a node at 120×40 as this picture', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes', columns: 120, rows: 40 });
    await app.until((screen) => screen.includes('gpu-2'));
    app.type('G\r');
    expect(await app.until((screen) => screen.includes('Node gpu-2'))).toMatchInlineSnapshot(`
      " lab  10.0.0.10:6443  v1.36.2                              3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
       1 Overview ▸2 Nodes  3 GPUs  4 Monitoring  5 Latency  6 Workloads  7 Cleanup  8 Setup  9 Journal
      ╭─ Node gpu-2 ─────────────────────────────────────────────────────────────────────────────────────────────────────────╮
      │ State ──────────────────────────────────────────────────   Versions ──────────────────────────────────────────────── │
      │ status   ! Ready, DiskPressure                             kubelet      v1.36.2                                      │
      │ since    3m12s ago                                         runtime      containerd://2.3.4                           │
      │ roles    worker                                            handlers     default, runc, nvidia                        │
      │ GPUs     0 of 8  NVIDIA-A100-SXM4-80GB                     kernel       6.8.0-94-generic                             │
      │ created  90d ago                                           system       Ubuntu 24.04.3 LTS amd64                     │
      │                                                            boot id      6a1f6f8e-5d0a-4d4e-9a51-3f1d6a7c0001         │
      │ Conditions ─────────────────────────────────────────────   pod network  10.244.1.0/24                                │
      │ ✓ Ready  3m12s  KubeletReady                                                                                         │
      │ ✗ DiskPressure True  2m  KubeletHasDiskPressure            Addresses ─────────────────────────────────────────────── │
      │     kubelet has disk pressure                              InternalIP  10.0.0.12                                     │
      │ ✓ MemoryPressure  24h  KubeletHasSufficientMemory          Hostname    gpu-2                                         │
      │ ✓ PIDPressure  24h  KubeletHasSufficientPID                                                                          │
      │                                                            Images ────────────────────────────────────── 3, 23.9 GiB │
      │ Taints ─────────────────────────────────────────────────       SIZE  IMAGE                                           │
      │ NoSchedule  nvidia.com/gpu=present                         17.3 GiB  nvcr.io/nvidia/tritonserver:25.10-py3           │
      │                                                             6.2 GiB  registry.lab/whisper:2.1                        │
      │ Resources ──────────────────────────────────────────────    410 MiB  docker.io/calico/node:v3.31.0                   │
      │                 CAPACITY    ALLOC  REQ  FREE                                                                         │
      │ cpu                   64       64    –     –                                                                         │
      │ memory           512 GiB  512 GiB    –     –                                                                         │
      │ nvidia.com/gpu         8        0    0     0                                                                         │
      │ pods                 110      110    –     –                                                                         │
      │                                                                                                                      │
      │ Machine ──────────────────────────────────────────────────────────────────────────────────────────────────────────── │
      │ ◌ loading machines                                                                                                   │
      │                                                                                                                      │
      │ Pods ───────────────────────────────────────────────────────────────────────────────────────────────────────────── 2 │
      │    NAMESPACE    NAME                                  READY  STATUS            RESTARTS  GPUS  AGE                   │
      │ ✗  kube-system  nvidia-device-plugin-daemonset-zz4x9    0/1  CrashLoopBackOff         7     –   4m                   │
      │ ✓  kube-system  calico-node-8x7k2                       1/1  Running                  0     –  24h                   │
      │                                                                                                                      │
      │ Events ─────────────────────────────────────────────────────────────────────────────────────────────────────────── 2 │
      │ ·     3m  NodeReady                                                                                                  │
      │           Node gpu-2 status is now: NodeReady                                                                        │
      ╰───────────────────────────────────────────────────────────────────────────────────────────────────────── 1–35 of 42 ─╯
       ? help  : go to  / search  v nvidia-smi  y YAML  p pause  esc back  q quit  r refresh"
    `);
    await app.close();
  });

  it('shows all keys on one page at 80×24', async () => {
    const app = anApp(aSession(aLab()));
    await app.until((screen) => screen.includes('lab'));
    app.type('?');
    expect(await app.until((screen) => screen.includes('Typing'))).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   ● live 12 ms  14:02:11
      ▸1 Over 2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      ╭─ Help ──────────────────────────────────────────────────────────── esc back ─╮
      │ Look                                   Move                                  │
      │ ?            this page                 n N          next, previous found     │
      │ f            mend it; F: all in turn   space        mark a row; c: clean up  │
      │ s            scale; l: log of a pod    tab          next panel; shift: back  │
      │ /            word !not /regex/         j k arrows   one row down, up         │
      │ enter        open; Overview: checks    pgdn ctrl-f  a page down              │
      │ d            all about that row        pgup ctrl-b  a page up                │
      │ v            nvidia-smi as printed     g G home end to the top, to the end   │
      │ y            the object as YAML                                              │
      │ p            hold the picture still    Go                                    │
      │ r            look at it all anew       :            screens, contexts, demo  │
      │ shift-letter sort by that column       esc          back; drop the filter    │
      │                                        q            back, or quit            │
      │ Typing                                 1 … 9        that screen              │
      │ enter        keep the filter           h l arrows   screen before, next      │
      │ enter        run the chosen command    ctrl-c       quit from anywhere       │
      │ tab          complete the command      ctrl-z       to the shell (fg: back)  │
      │ up down      the one before, after     ctrl-l       paint the screen anew    │
      │ esc          drop what was typed                                             │
      ╰──────────────────────────────────────────────────────────────────────────────╯
       ? help  : go to  / search  p pause  esc back  q quit  r refresh"
    `);
    await app.close();
  });

  it('draws with ASCII alone where asked to', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes', ascii: true });
    const screen = await app.until((shown) => shown.includes('gpu-2'));
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
    expect(screen).toMatchInlineSnapshot(`
      " lab  v1.36.2      3/3 ready  9/17 GPUs  10/11 targets   * live 12 ms  14:02:11
       1 Over>2 Node 3 GPU 4 Mon 5 Lat 6 Work 7 Clean 8 Setup 9 Jour
      +- Nodes 3 ----------------------------------------------------- 3 of 3 ready -+
      |   NAME            STATUS               SINCE    GPUS  REQ  FREE  PODS        |
      | > controlplane    Ready                  24h  1 of 1    0     1     0        |
      | + gpu-1           Ready                  24h  8 of 8    6     2     2        |
      | ! gpu-2           Ready, DiskPressure  3m12s  0 of 8    0     0     2        |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      |                                                                              |
      +------------------------------------------------------------------------------+
       ? help  : go to  / filter  enter details  y YAML  p pause  q quit  r refresh"
    `);
    await app.close();
  });

  it('writes no colours under NO_COLOR, and the selected row still shows', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes', env: { LANG: 'C.UTF-8', NO_COLOR: '1' } });
    expect(await app.until((screen) => screen.includes('gpu-2'))).toContain('▸ controlplane');
    // 30 to 49 and 90 to 107 are the colours.
    expect(app.written.stdout()).not.toMatch(/\x1b\[(?:\d+;)*(?:[34]\d|9\d|10\d)(?:;\d+)*m/);
    await app.close();
  });

  it('paints the frame before there is a session', async () => {
    const opening = Promise.withResolvers<ReturnType<typeof aSession>>();
    const app = anApp(opening.promise, { screen: 'nodes' });
    await app.until((screen) => screen.includes('connecting') && screen.includes('loading Nodes'));
    opening.resolve(aSession(aLab()));
    await app.until((screen) => screen.includes('gpu-2'));
    await app.close();
  });

  it('says what it needs in a terminal that is too small, down to 1×1, and comes back', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('gpu-2'));
    app.resize(79, 23);
    await app.until((screen) => screen.includes('needs 80×24, has 79×23') && !screen.includes('gpu-2'));
    for (const [columns, rows] of [
      [20, 3],
      [5, 2],
      [1, 1],
    ] as const) {
      app.resize(columns, rows);
      await app.until((screen) => screen.trim() !== '');
    }
    app.resize(80, 24);
    await app.until((screen) => screen.includes('gpu-2') && !screen.includes('needs'));
    expect(app.scrolledOff()).toBe(0);
    await app.close();
  });

  it('fills exactly the terminal at any size', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    for (const [columns, rows] of [
      [80, 24],
      [81, 25],
      [119, 30],
      [120, 40],
      [200, 60],
      [300, 24],
    ] as const) {
      app.resize(columns, rows);
      for (const keys of ['2', '4', '1', '2\r', '?', '\x1b']) {
        app.type(keys);
        const screen = await app.until((shown) => shown.split('\n').at(-1)?.includes('?') === true);
        expect(screen.split('\n')).toHaveLength(rows);
      }
    }
    expect(app.scrolledOff()).toBe(0);
    expect(app.wrapped()).toBe(0);
    await app.close();
  });
});

describe('what is missing', () => {
  it('is said in the place of the table', async () => {
    const session = aSession(aLab({ nodes: denied('list', 'nodes'), targets: absent('no Prometheus found: looked in 6 namespaces') }));
    const app = anApp(session, { screen: 'nodes' });
    await app.until((screen) => screen.includes('! not allowed to list nodes'));
    app.type('4');
    await app.until((screen) => screen.includes('no Prometheus found: looked in 6 namespaces'));
    await app.close();
  });

  it('is not hidden by old values: they carry their age', async () => {
    const { nodes } = aLab();
    if (nodes.value === null) throw new Error('the lab has nodes');
    const app = anApp(aSession(aLab({ nodes: stale(nodes.value, now - 90_000, 'connection refused') })), { screen: 'nodes' });
    await app.until((screen) => screen.includes('90s old'));
    await app.close();
  });

  it('is explained above the screen while the API server is out of reach', async () => {
    const connection = {
      status: 'lost',
      context: 'lab',
      server: 'https://10.0.0.10:6443',
      since: now - 12_000,
      kind: 'unreachable',
      why: 'connection refused',
      fix: null,
      nextTryAt: now + 4000,
    } as const;
    const app = anApp(aSession(aLab({ connection })), { screen: 'nodes', columns: 120, rows: 40 });
    const screen = await app.until((shown) => shown.includes('connection refused. Shown as it was at 14:01:59.'));
    expect(screen).toContain('✗ no answer 12s, next try 4s');
    await app.close();
  });

  it('offers the demo cluster on Enter when there is no kubeconfig', async () => {
    const session = aSession(aSnapshot({ connection: { status: 'unconfigured', looked: ['KUBECONFIG (not set)', '/home/ops/.kube/config (not there)'] } }));
    const app = anApp(session);
    await app.until((screen) => screen.includes('/home/ops/.kube/config (not there)'));
    app.type('\r');
    await app.until(() => session.asked.includes('demo healthy'));
    await app.close();
  });

  it('says why a kubeconfig cannot be used, and what mends it', async () => {
    const connection = { status: 'unusable', why: '~/.kube/config: permission denied; it belongs to root', fix: 'sudo chown ops ~/.kube/config' } as const;
    const app = anApp(aSession(aSnapshot({ connection })));
    const screen = await app.until((shown) => shown.includes('it belongs to root'));
    expect(screen).toContain('sudo chown ops ~/.kube/config');
    await app.close();
  });
});
