import { describe, expect, it } from 'vitest';
import { live } from '../../src/state/freshness.js';
import { anApp } from '../builders/app.js';
import { aSession } from '../builders/fake-session.js';
import { aLab, aTarget } from '../builders/lab.js';
import { aNode, collection, now } from '../builders/snapshot.js';

process.env['TZ'] = 'UTC';

describe('keys', () => {
  it('held down arrive together and all count', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('▸ controlplane'));
    app.type('jj');
    await app.until((screen) => screen.includes('▸ gpu-2'));
    app.type('kk');
    await app.until((screen) => screen.includes('▸ controlplane'));
    await app.close();
  });

  it('in a burst act on what the keys before them opened', async () => {
    const app = anApp(aSession(aLab()));
    await app.until((screen) => screen.includes('lab'));
    app.type('2jj\r');
    await app.until((screen) => screen.includes('Node gpu-2'));
    await app.close();
  });

  it('filter as they are typed, with live counts, and escape brings all back', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('/gpu !pressure');
    await app.until((screen) => screen.includes('Nodes 1 of 3 ⟨gpu !pressure⟩') && screen.includes('gpu-1') && !screen.includes('gpu-2'));
    app.type('\x08\x7f');
    await app.until((screen) => screen.includes('⟨gpu !pressu⟩'));
    app.type('\x1b');
    await app.until((screen) => screen.includes('Nodes 3 ─'));
    await app.close();
  });

  it('say that a pattern is no regular expression', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('//gpu(/');
    await app.until((screen) => screen.includes('! not a regular expression'));
    await app.close();
  });

  it('paste into the filter, cleaned', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('/');
    app.type('\x1b[200~gpu-1\x1b[31m\n\x1b[201~');
    await app.until((screen) => screen.includes('Nodes 1 of 3 ⟨gpu-1⟩'));
    await app.close();
  });

  it('sort by the column whose letter is typed with shift, and show the arrow', async () => {
    const app = anApp(aSession(aLab()), { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('S');
    const screen = await app.until((shown) => shown.includes('STATUS▲'));
    expect(screen.split('\n').findIndex((row) => row.includes('gpu-2'))).toBeLessThan(screen.split('\n').findIndex((row) => row.includes('gpu-1 ')));
    app.type('S');
    await app.until((shown) => shown.includes('STATUS▼'));
    app.type('S');
    await app.until((shown) => !/STATUS[▲▼]/.test(shown));
    await app.close();
  });

  it('keep the selected row when other rows come and go', async () => {
    const session = aSession(aLab());
    const app = anApp(session, { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('j');
    await app.until((screen) => screen.includes('▸ gpu-1'));
    const nodes = [...(session.snapshot().nodes.value?.values() ?? [])];
    session.show(aLab({ nodes: collection(aNode({ name: 'a-new-one' }), ...nodes) }));
    await app.until((screen) => screen.includes('a-new-one') && screen.includes('▸ gpu-1'));
    await app.close();
  });

  it('open YAML, where / searches', async () => {
    const yaml = Array.from({ length: 100 }, (_, index) => `field${index}: ${index === 77 ? 'needle' : 'hay'}`).join('\n');
    const app = anApp(aSession(aLab(), { yaml: async () => yaml }), { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('y');
    await app.until((screen) => screen.includes('field0: hay'));
    app.type('/needle\r');
    await app.until((screen) => screen.includes('field77: needle') && screen.includes('⟨needle⟩ 1 of 1'));
    app.type('q');
    await app.until((screen) => screen.includes('Nodes 3'));
    await app.close();
  });

  it('go to another context by name from the palette', async () => {
    const session = aSession(aLab());
    const app = anApp(session);
    await app.until((screen) => screen.includes('lab'));
    app.type(':ctx pro');
    await app.until((screen) => screen.includes('▸ ctx prod-cluster'));
    app.type('\r');
    await app.until(() => session.asked.includes('context prod-cluster'));
    app.type(':nonsense\r');
    await app.until((screen) => screen.includes('unknown command "nonsense"'));
    await app.close();
  });

  it('pick a context from the list that a bare :ctx opens', async () => {
    const session = aSession(aLab());
    const app = anApp(session);
    await app.until((screen) => screen.includes('lab'));
    app.type(':ctx\r');
    await app.until((screen) => screen.includes('Contexts 3'));
    app.type('jj\r');
    await app.until(() => session.asked.includes('context staging'));
    await app.close();
  });

  it('hold the picture still and let it go on', async () => {
    const session = aSession(aLab());
    const app = anApp(session, { screen: 'nodes' });
    await app.until((screen) => screen.includes('Nodes 3'));
    app.type('p');
    await app.until((screen) => screen.includes('paused 14:02:11'));
    session.show(aLab({ nodes: collection(aNode({ name: 'newcomer' })) }));
    expect(await app.screen()).not.toContain('newcomer');
    app.type('p');
    await app.until((screen) => screen.includes('newcomer') && !screen.includes('paused'));
    await app.close();
  });
});

describe('speed', () => {
  it('keeps 10,000 rows quick to filter', async () => {
    const targets = Array.from({ length: 10_000 }, (_, index) => aTarget({ instance: `10.1.${index >> 8}.${index & 255}:9100` }));
    const app = anApp(aSession(aLab({ targets: live(targets, now) })), { screen: 'monitoring' });
    await app.until((screen) => screen.includes('Targets 10,000'));
    const before = performance.now();
    app.type('/10.1.7.7:');
    await app.until((screen) => screen.includes('⟨10.1.7.7:⟩'));
    expect(performance.now() - before).toBeLessThan(1000);
    await app.close();
  });
});
