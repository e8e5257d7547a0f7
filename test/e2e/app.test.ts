import { afterEach, describe, expect, it } from 'vitest';
import { type Program, startProgram } from './program.js';

const programs: Program[] = [];

function start(...args: Parameters<typeof startProgram>): Program {
  const program = startProgram(...args);
  programs.push(program);
  return program;
}

afterEach(async () => {
  for (const program of programs.splice(0)) await program.close();
});

describe('the app on the demo cluster', () => {
  it('says that everything came back', async () => {
    const app = start(['--demo']);
    const rows = await app.waitFor(/3\/3 ready {2}17\/17 GPUs {2}\d+\/\d+ targets .* live[\s\S]*Everything came back[\s\S]*Prometheus 3\.\d+\.\d+[\s\S]*quit/);
    expect(app.onAlternateScreen()).toBe(true);
    expect(rows.every((row) => row.length <= 120)).toBe(true);
  });

  it('names the one cause of lost GPUs, first', async () => {
    const app = start(['--demo', 'gpu-lost'], { columns: 80, rows: 24 });
    await app.waitFor((rows) => /gpu-2 registers 0 of 8 GPUs/.test(rows.slice(2, 6).join(' ')) && rows.some((row) => /gpu-2 .*0 of 8/.test(row)));
  });

  it('goes from the list of nodes to one of them and back, and filters', async () => {
    const app = start(['--demo', '--screen', 'nodes']);
    await app.waitFor(/controlplane[\s\S]*gpu-1[\s\S]*gpu-2/);
    app.type('/gpu-2');
    await app.waitFor((rows) => rows.some((row) => /Nodes 1 of 3/.test(row)) && !rows.some((row) => /^│.* controlplane /.test(row)));
    app.type('\r\r');
    await app.waitFor(/Conditions[\s\S]*MemoryPressure/i);
    app.type('\x1b');
    await app.waitFor(/Nodes 1 of 3/);
    app.type('\x1b');
    await app.waitFor(/gpu-1/);
  });

  it('shows the targets and why one is down', async () => {
    const app = start(['--demo', 'gpu-lost', '--screen', 'monitoring']);
    await app.waitFor(/dcgm-exporter +gpu-2:9400 +down/);
    app.type('\r');
    await app.waitFor(/connection refused/);
  });

  it('shows the GPUs of the machines, and the page that nvidia-smi prints', async () => {
    const app = start(['--demo', 'xid-79', '--screen', 'gpus']);
    await app.waitFor(/gpu-2 +2 +lost: GPU is lost[\s\S]*Xid 79/);
    app.type('v');
    await app.waitFor(/NVIDIA-SMI 580\.\d+/);
  });

  it('goes where the palette says, also to another context', async () => {
    const app = start(['--demo']);
    await app.waitFor(/Everything came back/);
    app.type(':nodes\r');
    await app.waitFor(/▸2 Nodes/);
    app.type(':ctx demo-viewer\r');
    await app.waitFor(/not allowed to list nodes/);
    app.type(':ctx demo\r');
    await app.waitFor(/gpu-1/);
  });

  it('says that a page needs more room, down to one cell, and comes back', async () => {
    const app = start(['--demo']);
    await app.waitFor(/Everything came back/);
    app.resize(60, 20);
    await app.waitFor(/needs 80×24, has 60×20/);
    app.resize(1, 1);
    app.resize(80, 24);
    await app.waitFor(/Everything came back/);
    expect(app.screen().every((row) => row.length <= 80)).toBe(true);
  });

  it('draws with ASCII alone when asked', async () => {
    const app = start(['--demo', '--ascii']);
    const rows = await app.waitFor(/Everything came back/);
    expect(rows.join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('uses no colour under NO_COLOR', async () => {
    const app = start(['--demo'], { env: { NO_COLOR: '1' } });
    await app.waitFor(/Everything came back/);
    expect(app.output()).not.toMatch(/\x1b\[(?:3[0-7]|9[0-7]|4[0-7]|38|48)(?:;\d+)*m/);
  });
});

describe('the terminal', () => {
  it.each([
    ['q', (app: Program) => app.type('q'), 0],
    ['ctrl-c', (app: Program) => app.type('\x03'), 0],
    ['SIGTERM', (app: Program) => process.kill(app.pid, 'SIGTERM'), 143],
    ['SIGHUP', (app: Program) => process.kill(app.pid, 'SIGHUP'), 129],
  ])('is as it was after %s', async (_name, leave, code) => {
    const app = start(['--demo']);
    await app.waitFor(/Everything came back/);
    leave(app);
    const { exitCode } = await app.exited;
    expect(exitCode).toBe(code);
    await expect.poll(() => app.onAlternateScreen()).toBe(false);
    expect(app.output()).toMatch(/\x1b\[\?25h(?![\s\S]*\x1b\[\?25l)/);
    expect(app.screen().join('').trim()).toBe('');
  });

  it('is painted anew after it was stopped and continued', async () => {
    const app = start(['--demo']);
    await app.waitFor(/Everything came back/);
    process.kill(app.pid, 'SIGSTOP');
    process.kill(app.pid, 'SIGCONT');
    const before = app.output().length;
    await expect.poll(() => app.output().slice(before)).toMatch(/Everything came back/);
    app.type('2');
    await app.waitFor(/▸2 Nodes/);
  });
});

describe('without a cluster', () => {
  it('says where it looked, and opens the demo cluster on Enter', async () => {
    const app = start([]);
    await app.waitFor(/No kubeconfig was found[\s\S]*\.kube\/config/);
    app.type('\r');
    await app.waitFor(/Everything came back/);
  });

  it('names the contexts there are when the one asked for is missing', async () => {
    const app = start(['--kubeconfig', '/nonexistent/kubeconfig']);
    await app.waitFor(/cannot be used[\s\S]*\/nonexistent\/kubeconfig/);
  });
});
