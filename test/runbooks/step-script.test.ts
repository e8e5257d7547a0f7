import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepFrame } from '../../src/runbooks/step-frame.js';
import { hostSeat, maskedScript, type StepScriptOptions, stepScript } from '../../src/runbooks/step-script.js';
import { aStep, prelude } from '../operations/setup/a-step.js';

const hostile = `it's "quoted" $(touch PWNED) \`touch PWNED\`; touch PWNED\n' && touch PWNED #\\ \${HOME} é`;

describe('the script of a step', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'step-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const script = (options: Partial<StepScriptOptions> & Pick<StepScriptOptions, 'phase' | 'step'>) =>
    stepScript({
      values: {},
      files: [],
      prelude,
      overwrite: false,
      holder: 'alice@laptop since 12:01',
      seat: { ...hostSeat, backups: join(root, 'backups'), state: join(root, 'state'), logs: join(root, 'log'), lock: join(root, 'run', 'lock') },
      ...options,
    });
  const run = (text: string) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-s'], { input: text, encoding: 'utf8', cwd: root });
    return { status, lines: stdout.split('\n').filter((line) => line !== ''), stderr };
  };

  it('hands every value on as data, whatever it contains', () => {
    const step = aStep('greet', { apply: `printf %s "$GREETING" >${root}/said; printf %s "$NOTE" >>${root}/said` });
    const { status, stderr } = run(script({ phase: 'apply', step, values: { GREETING: hostile, NOTE: '-n' } }));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(root, 'said'), 'utf8')).toBe(`${hostile}-n`);
    expect(existsSync(join(root, 'PWNED'))).toBe(false);
  });

  it('brings its rendered files along byte for byte, and leaves none of them behind', () => {
    const text = `no end of line, ${hostile}\n.\nEOF`;
    const step = aStep('files', { apply: `cp "$FILES/a.conf" ${root}/copy; printf %s "$FILES" >${root}/where` });
    expect(run(script({ phase: 'apply', step, files: [{ name: 'a.conf', text }] })).status).toBe(0);
    expect(readFileSync(join(root, 'copy'), 'utf8')).toBe(text);
    expect(existsSync(readFileSync(join(root, 'where'), 'utf8'))).toBe(false);
  });

  it('refuses names that bash takes for its own, and files that lead elsewhere', () => {
    const step = aStep('bad', { apply: 'echo "$PATH" "$FINE"' });
    expect(() => script({ phase: 'apply', step, values: { PATH: '/tmp' } })).toThrow('"PATH" cannot be the name of a variable');
    expect(() => script({ phase: 'apply', step, files: [{ name: '../../etc/passwd', text: '' }] })).toThrow('cannot be the name of a rendered file');
    expect(() => script({ phase: 'apply', step: aStep('none', { apply: null }) })).toThrow('step none has no apply');
  });

  it('does nothing where it did not arrive whole', () => {
    const text = script({ phase: 'apply', step: aStep('half', { apply: `touch ${root}/done` }) });
    for (const length of [text.length - 3, text.length - 12, text.length - 400, Math.floor(text.length / 2)]) run(text.slice(0, length));
    expect(existsSync(join(root, 'done'))).toBe(false);
  });

  it('stops at the first command that fails, also within a pipe', () => {
    const step = aStep('strict', { apply: `false | true\ntouch ${root}/after` });
    expect(run(script({ phase: 'apply', step })).status).toBe(1);
    expect(existsSync(join(root, 'after'))).toBe(false);
  });

  it('ends what takes too long, with all that it started', () => {
    const step = aStep('slow', { apply: 'sleep 300 & sleep 300', timeoutMs: 1000 });
    const { status, lines } = run(script({ phase: 'apply', step }));
    expect(status).toBe(124);
    expect(lines).toContain('##gpuk8s late');
  });

  it('notes what was begun and what was verified, and forgets it when it is taken back', () => {
    const step = aStep('marked', { check: 'true' });
    const mark = () => readFileSync(join(root, 'state', 'steps', 'marked'), 'utf8');
    run(script({ phase: 'apply', step }));
    expect(mark()).toBe('begun alice@laptop since 12:01\n');
    expect(run(script({ phase: 'check', step })).lines).toContain('##gpuk8s marked begun');
    run(script({ phase: 'verify', step }));
    expect(mark()).toBe('verified alice@laptop since 12:01\n');
    run(script({ phase: 'undo', step }));
    expect(existsSync(join(root, 'state', 'steps', 'marked'))).toBe(false);
  });

  it('remembers the boot in which a step was applied that takes effect at the next', () => {
    const step = aStep('cgroups', { reboots: true, check: 'false' });
    const boot = join(root, 'boot-id');
    const seat = { ...hostSeat, state: join(root, 'state'), logs: join(root, 'log'), lock: join(root, 'lock'), bootId: boot };
    writeFileSync(boot, 'one\n');
    run(script({ phase: 'apply', step, seat }));
    expect(run(script({ phase: 'check', step, seat })).lines).toContain('##gpuk8s boot same');
    writeFileSync(boot, 'two\n');
    expect(run(script({ phase: 'check', step, seat })).lines).toContain('##gpuk8s boot new');
    run(script({ phase: 'verify', step: { ...step, check: 'true' }, seat }));
    expect(run(script({ phase: 'check', step, seat })).lines.join()).not.toContain('boot');
  });

  it('tells secrets to the program that started it alone: neither its own log nor its words have them', () => {
    const token = 'abcdef.0123456789abcdef';
    const step = aStep('join', { gives: ['JOIN_TOKEN'], apply: `give JOIN_TOKEN ${token}; echo "kubeadm join --token ${token}"; echo "with $PASS"` });
    const { lines } = run(script({ phase: 'apply', step, values: { PASS: 's3cr/e.t*[x]$' }, secrets: new Set(['PASS']) }));
    expect(lines).toContain(`##gpuk8s give JOIN_TOKEN ${Buffer.from(token).toString('base64')}`);
    expect(lines).toContain('with ••••');
    const log = join(root, 'log', 'join.log');
    expect(readFileSync(log, 'utf8')).toBe('kubeadm join --token ••••\nwith ••••\n');
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  it('lets nobody else work on the machine meanwhile, and says who does', async () => {
    const gate = join(root, 'gate');
    spawnSync('mkfifo', [gate]);
    const first = start(script({ phase: 'apply', step: aStep('swap-off', { apply: `echo inside; cat ${gate} >/dev/null` }) }));
    await said(first, 'inside');
    const second = run(script({ phase: 'apply', step: aStep('other'), holder: 'bob@desk since 12:02' }));
    expect(second.status).toBe(84);
    expect(heldBy(second.lines)).toBe('alice@laptop since 12:01, step swap-off\n');
    expect(run(script({ phase: 'check', step: aStep('other'), alone: true })).status).toBe(84);
    expect(run(script({ phase: 'check', step: aStep('other') })).status).toBe(1);
    writeFileSync(gate, '');
    expect(await gone(first)).toBe(0);
    expect(run(script({ phase: 'apply', step: aStep('other') })).status).toBe(0);
  });

  it('keeps the lock from what a step leaves running', () => {
    expect(run(script({ phase: 'apply', step: aStep('daemon', { apply: 'sleep 30 >/dev/null 2>&1 </dev/null & echo $!' }) })).status).toBe(0);
    expect(run(script({ phase: 'apply', step: aStep('next') })).status).toBe(0);
  });

  it('goes on to its end where nobody reads what it says any more, and where the shell that it was given to is ended', async () => {
    const gate = join(root, 'gate');
    spawnSync('mkfifo', [gate]);
    const apply = `echo inside; cat ${gate} >/dev/null; for i in $(seq 2000); do echo "line $i, which nobody reads"; done; touch ${root}/done`;
    const child = start(script({ phase: 'apply', step: aStep('long', { apply }) }));
    await said(child, 'inside');
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill('SIGTERM');
    await gone(child);
    writeFileSync(gate, '');
    const wait = script({ phase: 'check', step: aStep('long', { check: `[ -e ${root}/done ]` }), alone: true });
    let end = run(wait);
    while (end.status === 84) end = run(wait);
    expect(end.status).toBe(0);
    expect(readFileSync(join(root, 'log', 'long.log'), 'utf8')).toContain('line 2000, which nobody reads');
  });

  it('asks before it writes over what was edited by hand', () => {
    const step = aStep('conf', { apply: `write a.conf ${root}/etc/a.conf`, check: `written a.conf ${root}/etc/a.conf`, undo: `restore ${root}/etc/a.conf` });
    const files = (text: string) => [{ name: 'a.conf', text }];
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc', 'a.conf'), 'the first\n');
    expect(run(script({ phase: 'apply', step, files: files('ours\n') })).status).toBe(0);
    expect(run(script({ phase: 'check', step, files: files('ours\n') })).status).toBe(0);
    writeFileSync(join(root, 'etc', 'a.conf'), 'by hand\n');
    expect(run(script({ phase: 'check', step, files: files('ours\n') })).status).toBe(80);
    const asks = run(script({ phase: 'apply', step, files: files('ours\n') }));
    expect(asks.status).toBe(83);
    expect(asks.lines).toEqual(expect.arrayContaining(['-by hand', '+ours', `${root}/etc/a.conf was edited by hand since it was written`]));
    expect(run(script({ phase: 'apply', step, files: files('ours\n'), overwrite: true })).status).toBe(0);
    expect(run(script({ phase: 'undo', step })).status).toBe(0);
    expect(readFileSync(join(root, 'etc', 'a.conf'), 'utf8')).toBe('the first\n');
  });

  it('has functions of its own, and none that the prelude has too', () => {
    const names = (text: string) => [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name]) => name);
    expect(names(stepFrame).filter((name) => names(prelude).includes(name))).toEqual([]);
  });

  it('is clean for shellcheck', () => {
    const step = aStep('clean', { apply: 'echo "$GREETING"', verify: 'echo "$GREETING"' });
    for (const phase of ['check', 'apply', 'verify', 'undo'] as const) {
      const { stdout } = spawnSync('shellcheck', ['-s', 'bash', '-'], { input: script({ phase, step, values: { GREETING: hostile } }), encoding: 'utf8' });
      expect(stdout).toBe('');
    }
  });

  it('is shown to people with its values filled in and its secrets masked', () => {
    const step = aStep('shown', { apply: 'join "$NAME" --token "$TOKEN"\n' });
    expect(maskedScript({ phase: 'apply', step, values: { NAME: "it's", TOKEN: 'abc', OTHER: 'x' }, secrets: new Set(['TOKEN']) })).toEqual([
      "NAME='it'\\''s'",
      'TOKEN=••••',
      'join "$NAME" --token "$TOKEN"',
    ]);
    expect(maskedScript({ phase: 'verify', step, values: {}, secrets: new Set() })).toEqual(['false']);
    expect(maskedScript({ phase: 'apply', step: aStep('none', { apply: null }), values: {}, secrets: new Set() })).toEqual([]);
  });

  function start(text: string): ChildProcess {
    const child = spawn('bash', ['-s'], { cwd: root });
    child.stdin.end(text);
    return child;
  }
});

function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(words)) resolve();
    });
  });
}

function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

function heldBy(lines: readonly string[]): string {
  const line = lines.find((one) => one.startsWith('##gpuk8s held ')) ?? '';
  return Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString('utf8');
}
