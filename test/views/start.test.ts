import { describe, expect, it } from 'vitest';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';

describe('the terminal', () => {
  it('is as it was after q, and the session is closed', async () => {
    const session = aSession(aLab());
    const app = anApp(session);
    await app.until((screen) => screen.includes('live'));
    expect(await app.alternate()).toBe(true);
    expect(app.rawMode()).toBe(true);
    app.type('q');
    expect(await app.ended).toBe(0);
    expect((await app.screen()).trim()).toBe('');
    expect(await app.alternate()).toBe(false);
    expect(app.rawMode()).toBe(false);
    expect(session.asked).toContain('close');
  });

  it('is emptied before the alternate screen is left, for tmux', async () => {
    const app = anApp(aSession(aLab()));
    await app.until((screen) => screen.includes('live'));
    await app.close();
    const written = app.written.stdout();
    const emptied = written.lastIndexOf('\x1b[2J\x1b[H');
    const left = written.lastIndexOf('\x1b[?1049l');
    expect(emptied).toBeGreaterThan(-1);
    expect(left).toBeGreaterThan(emptied);
    expect(written.slice(emptied, left)).not.toContain('lab');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('is restored after %s with exit code %d', async (signal, code) => {
    const app = anApp(aSession(aLab()));
    await app.until((screen) => screen.includes('live'));
    process.emit(signal, signal);
    expect(await app.ended).toBe(code);
    expect(await app.alternate()).toBe(false);
  });

  it('is painted anew on ctrl-l without being let go of: what is typed meanwhile must not stand on its other screen', async () => {
    const app = anApp(aSession(aLab()));
    const before = await app.until((screen) => screen.includes('live'));
    app.stdout.write('\x1b[5;5Hscribbled over');
    await app.until((screen) => screen.includes('scribbled over'));
    app.type('\x0c');
    expect(await app.until((screen) => !screen.includes('scribbled over') && screen.includes('live'))).toBe(before);
    expect(app.written.stdout()).not.toContain('\x1b[?1049l');
    expect(app.rawMode()).toBe(true);
    await app.close();
  });

  it('that goes away ends the program', async () => {
    const app = anApp(aSession(aLab()));
    await app.until((screen) => screen.includes('live'));
    app.stdin.end();
    expect(await app.ended).toBe(129);
  });

  it('is restored after a view throws, and the error is one line on stderr', async () => {
    const session = aSession(aLab());
    const app = anApp(session);
    await app.until((screen) => screen.includes('live'));
    session.show({
      ...aLab(),
      get nodes(): never {
        throw new Error('the view broke\x1b[31m');
      },
    });
    expect(await app.ended).toBe(1);
    expect(await app.alternate()).toBe(false);
    expect(app.written.stderr()).toBe('gpuk8s-tui: the view broke\n');
  });

  it('is restored when no session can be opened', async () => {
    const app = anApp(Promise.reject(new Error('the settings file is not JSON')));
    expect(await app.ended).toBe(1);
    expect(app.written.stderr()).toBe('gpuk8s-tui: the settings file is not JSON\n');
    expect(await app.alternate()).toBe(false);
  });

  it('shows the stack of an error only when asked', async () => {
    const app = anApp(Promise.reject(new Error('broken')), { debug: true });
    await app.ended;
    expect(app.written.stderr()).toMatch(/^gpuk8s-tui: broken\nError: broken\n {4}at /);
  });

  it('can be left before there is a session', async () => {
    const app = anApp(new Promise<never>(() => undefined));
    await app.until((screen) => screen.includes('connecting'));
    app.type('q');
    expect(await app.ended).toBe(0);
  });
});
