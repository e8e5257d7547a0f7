import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import type { Question } from '../../src/state/hosts.js';
import type { ScreenId } from '../../views/screens/screen-ids.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { now } from '../builders/snapshot.js';

const hostKey: Question = {
  id: 'key gpu-2',
  host: 'gpu-2',
  kind: 'host-key',
  text: 'The machine gpu-2 (10.0.0.12) is not known here. Its ED25519 key is SHA256:5l0mBb0P2Yq3S0u8m3qz1nQy1X6h1j0aT9v6kqkq2pE.',
};
const passphrase: Question = { id: 'passphrase', host: 'gpu-1', kind: 'passphrase', text: 'The key ~/.ssh/id_ed25519 is locked with a passphrase.' };

describe('a question of a machine', () => {
  it('shows the fingerprint of an unknown host key, and y trusts it', async () => {
    const { app, session } = asked(hostKey);
    const screen = await app.until((shown) => shown.includes('y trust it'));
    expect(screen).toContain('SHA256:5l0mBb0P2Yq3S0u8m3qz1nQy1X6h1j0aT9v6kqkq2pE');
    app.type('y');
    await app.until((shown) => !shown.includes('Unknown host key'));
    expect(session.asked).toEqual(['answer key gpu-2 yes']);
    await app.close();
  });

  it.each(['n', '\x1b'])('is refused with %j', async (key) => {
    const { app, session } = asked(hostKey);
    await app.until((shown) => shown.includes('y trust it'));
    app.type(key);
    await app.until((shown) => !shown.includes('Unknown host key'));
    expect(session.asked).toEqual(['answer key gpu-2 declined']);
    await app.close();
  });

  it('is not answered by keys that were meant for the screen below', async () => {
    const { app, session } = asked(hostKey);
    await app.until((shown) => shown.includes('Unknown host key') && !shown.includes('y trust it'));
    app.type('jjy');
    await app.until((shown) => shown.includes('y trust it'));
    expect(session.asked).toEqual([]);
    await app.close();
  });

  it('takes a passphrase without ever showing it', async () => {
    const { app, session } = asked(passphrase);
    await app.until((shown) => shown.includes('enter answer'));
    app.type('correct horse 7q:/?x\x7f');
    expect(await app.until((shown) => shown.includes('▸ *******************▏'))).not.toContain('horse');
    app.type('!\r');
    await app.until((shown) => !shown.includes('Passphrase'));
    expect(session.asked).toEqual(['answer passphrase correct horse 7q:/?!']);
    expect(app.written.stdout()).not.toContain('horse');
    await app.close();
  });

  it('takes a whole answer that comes in one piece, and a pasted one', async () => {
    const { app, session } = asked(passphrase);
    await app.until((shown) => shown.includes('enter answer'));
    app.type('\x1b[200~pasted secret\n\x1b[201~');
    await app.until((shown) => shown.includes('*************▏'));
    app.type('2\ry');
    await app.until((shown) => !shown.includes('Passphrase'));
    expect(session.asked).toEqual(['answer passphrase pasted secret2']);
    await app.close();
  });

  it('lets those behind it wait, and asks again where the answer was wrong', async () => {
    const { app, session } = asked(passphrase, hostKey);
    await app.until((shown) => shown.includes('enter answer') && shown.includes('1 more'));
    app.type('wrong\r');
    await app.until((shown) => shown.includes('Unknown host key'));
    session.show(aLab({ questions: live([{ ...passphrase, text: 'That was not it.' }, hostKey], now) }));
    await app.until((shown) => shown.includes('That was not it.') && shown.includes('enter answer'));
    app.type('right\r');
    await app.until((shown) => shown.includes('Unknown host key'));
    expect(session.asked).toEqual(['answer passphrase wrong', 'answer passphrase right']);
    await app.close();
  });

  it('waits while a filter is being typed', async () => {
    const session = aSession(aLab());
    const app = anApp(session, { screen: 'nodes' });
    await app.until((shown) => shown.includes('gpu-2'));
    app.type('/gp');
    await app.until((shown) => shown.includes('/gp'));
    session.show(aLab({ questions: live([hostKey], now) }));
    app.type('u');
    expect(await app.until((shown) => shown.includes('/gpu'))).not.toContain('Unknown host key');
    app.type('\r');
    await app.until((shown) => shown.includes('Unknown host key'));
    await app.close();
  });

  it('does not hold up the Overview: it waits where machines are looked at', async () => {
    const { app } = askedOn('overview', hostKey);
    expect(await app.until((shown) => shown.includes('a machine asks something: 3'))).not.toContain('Unknown host key');
    app.type('3');
    await app.until((shown) => shown.includes('y trust it'));
    await app.close();
  });

  it('never keeps anybody from leaving', async () => {
    const { app } = asked(hostKey);
    await app.until((shown) => shown.includes('Unknown host key'));
    app.type('\x03');
    expect(await app.ended).toBe(0);
  });
});

function asked(...questions: readonly Question[]) {
  return askedOn('nodes', ...questions);
}

function askedOn(screen: ScreenId, ...questions: readonly Question[]) {
  const session = aSession(aLab({ questions: live(questions, now) }));
  return { session, app: anApp(session, { screen }) };
}
