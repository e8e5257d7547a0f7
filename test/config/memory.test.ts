import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ContextMemory, memoryOf, nothingRemembered, rememberedMachines } from '../../src/config/memory.js';
import { parseMemory } from '../../src/config/memory-document.js';
import { memoryFrom, openMemory } from '../../src/config/memory-file.js';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-memory-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const file = () => join(state, 'gpuk8s-tui', 'memory.json');
const open = () => openMemory({ XDG_STATE_HOME: state });

const node = {
  bootId: 'boot-1',
  bootedAt: 1000,
  address: '10.0.0.12',
  kernel: '6.8.0-94-generic',
  kubelet: 'v1.36.2',
  runtime: 'containerd://2.3.4',
  driver: null,
  gpus: 8,
  ready: true,
  machineId: 'm-2',
  recovering: false,
};

function aMemory(overrides: Partial<ContextMemory> = {}): ContextMemory {
  return {
    lastVisitAt: 5000,
    nodes: { 'gpu-2': node },
    reboots: {},
    last: { targetsDown: [], targets: 3, badPods: [], deadPods: 0 },
    offered: false,
    ...overrides,
  };
}

function reboot(bootId: string, bootedAt: number) {
  return { bootId, bootedAt, steps: { ssh: 38_000 } };
}

describe('the memory', () => {
  it('knows nothing at the first visit, and what was kept at the next', () => {
    expect(open().context('lab')).toEqual(nothingRemembered);
    open().keep('lab', aMemory());
    expect(open().context('lab')).toEqual(aMemory());
    expect(open().context('prod')).toEqual(nothingRemembered);
  });

  it('keeps contexts apart, also those with dots in their names', () => {
    const memory = open();
    memory.keep('admin@lab.example', aMemory());
    memoryOf(memory, 'prod').keep(aMemory({ lastVisitAt: 7 }));
    expect(open().context('admin@lab.example').lastVisitAt).toBe(5000);
    expect(memoryOf(open(), 'prod').read().lastVisitAt).toBe(7);
  });

  it('lies in the state folder and is for its owner only', () => {
    open().keep('lab', aMemory());
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('sets a broken file aside, says so once, and begins anew', () => {
    mkdirSync(join(state, 'gpuk8s-tui'), { recursive: true });
    writeFileSync(file(), '{"contexts": {');
    const memory = open();
    expect(memory.context('lab')).toEqual(nothingRemembered);
    expect(memory.problem()).toMatch(
      /^what was seen at earlier visits cannot be read \(it is no JSON\): .*memory\.json was set aside as .*memory\.json\.broken-20/,
    );
    expect(memory.problem()).toBeNull();
    memory.keep('lab', aMemory());
    expect(open().context('lab')).toEqual(aMemory());
    const aside = readdirSync(join(state, 'gpuk8s-tui')).find((name) => name.startsWith('memory.json.broken-'));
    expect(readFileSync(join(state, 'gpuk8s-tui', aside ?? ''), 'utf8')).toBe('{"contexts": {');
  });

  it('sets a file of another shape aside too', () => {
    mkdirSync(join(state, 'gpuk8s-tui'), { recursive: true });
    writeFileSync(file(), JSON.stringify({ contexts: { lab: { nodes: [] } } }));
    const memory = open();
    expect(memory.context('lab')).toEqual(nothingRemembered);
    expect(memory.problem()).toContain('contexts.lab.nodes is not an object');
  });

  it('that cannot be written says why, and the visit goes on', () => {
    writeFileSync(join(state, 'gpuk8s-tui'), 'a file where the folder should be');
    const memory = open();
    expect(memory.context('lab')).toEqual(nothingRemembered);
    memory.keep('lab', aMemory());
    expect(memory.problem()).toMatch(/^what was seen .*memory\.json/);
  });

  it('reads what a later version wrote, and cleans what it shows', () => {
    const parsed = parseMemory({ contexts: { lab: { lastVisitAt: 1, future: true, nodes: { 'gpu-2': { kernel: 'a\u001b[31mb', more: 1 } } } } });
    expect(typeof parsed === 'string' ? parsed : parsed.get('lab')).toMatchObject({
      lastVisitAt: 1,
      nodes: { 'gpu-2': { kernel: 'ab', ready: false, gpus: null } },
    });
  });

  it('tells where the machines are', () => {
    expect([...rememberedMachines(aMemory())]).toEqual([['gpu-2', { address: '10.0.0.12', machineId: 'm-2' }]]);
  });
});

describe('two programs at once', () => {
  it('lose neither what the other saw nor its reboots', () => {
    open().keep('lab', aMemory({ nodes: { 'gpu-1': node, 'gpu-2': node } }));
    const [one, other] = [open(), open()];
    const [first, second] = [one.context('lab'), other.context('lab')];
    other.keep('lab', { ...second, lastVisitAt: 9000, nodes: { ...second.nodes, 'gpu-1': { ...node, gpus: 7 } }, reboots: { 'gpu-2': [reboot('b', 200)] } });
    one.keep('lab', {
      ...first,
      lastVisitAt: 8000,
      nodes: { ...first.nodes, 'gpu-2': { ...node, bootId: 'boot-9' } },
      reboots: { 'gpu-2': [reboot('a', 100)] },
    });
    const kept = open().context('lab');
    expect(kept.lastVisitAt).toBe(9000);
    expect(kept.nodes['gpu-1']?.gpus).toBe(7);
    expect(kept.nodes['gpu-2']?.bootId).toBe('boot-9');
    expect(kept.reboots['gpu-2']?.map(({ bootId }) => bootId)).toEqual(['a', 'b']);
  });

  it('forget a node that is gone, unless the other has just seen it', () => {
    open().keep('lab', aMemory({ nodes: { 'gpu-1': node, 'gpu-2': node } }));
    const [one, other] = [open(), open()];
    const first = one.context('lab');
    other.context('lab');
    one.keep('lab', { ...first, nodes: { 'gpu-2': node } });
    expect(Object.keys(open().context('lab').nodes)).toEqual(['gpu-2']);
    other.keep('prod', aMemory());
    expect(Object.keys(open().context('lab').nodes)).toEqual(['gpu-2']);
  });

  it('keep the last ten reboots of a node', () => {
    const memory = open();
    memory.keep('lab', aMemory({ reboots: { 'gpu-2': Array.from({ length: 13 }, (_, index) => reboot(`b${index}`, index)) } }));
    expect(
      open()
        .context('lab')
        .reboots['gpu-2']?.map(({ bootId }) => bootId),
    ).toEqual(Array.from({ length: 10 }, (_, index) => `b${index + 3}`));
  });
});

describe('a memory without a file', () => {
  it('begins with what it was given, for every context, and keeps what is new', () => {
    const memory = memoryFrom({ lastVisitAt: 5000, nodes: {}, reboots: { 'gpu-2': [reboot('a', 1)] } });
    expect(memory.context('demo').reboots['gpu-2']).toHaveLength(1);
    memory.keep('demo', aMemory({ lastVisitAt: 6000 }));
    expect(memory.context('demo').lastVisitAt).toBe(6000);
    expect(memory.context('demo-2').lastVisitAt).toBe(5000);
    expect(memory.problem()).toBeNull();
  });

  it('says what is wrong with what it was given', () => {
    expect(memoryFrom({ nodes: 3 }).problem()).toBe('the memory cannot be used: the context.nodes is not an object');
  });
});
