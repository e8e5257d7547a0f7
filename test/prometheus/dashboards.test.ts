import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/prometheus/catalogue.js';
import { dashboards } from '../../src/prometheus/dashboards.js';
import { listAt, recordAt, textAt } from '../../src/prometheus/json.js';

// `npm run dashboards` writes the files anew from the catalogue.
describe('the dashboards', () => {
  it.each(dashboards().map((dashboard) => [dashboard.id, dashboard] as const))('%s lies in assets as the catalogue makes it', async (id, { model }) => {
    await expect(`${JSON.stringify(model, null, 2)}\n`).toMatchFileSnapshot(`../../assets/dashboards/${id}.json`);
  });

  it('ask only what is in the catalogue', () => {
    const known = new Set(catalogue.map(({ expr }) => expr));
    for (const { model } of dashboards()) {
      const exprs = listAt(model, 'panels').flatMap((panel) => listAt(panel, 'targets').map((target) => textAt(target, 'expr') ?? ''));
      expect(exprs.length).toBeGreaterThan(4);
      for (const expr of exprs) expect(known.has(expr)).toBe(true);
    }
  });

  it('show every query of the catalogue that has a panel, once', () => {
    const shown = dashboards().flatMap(({ model }) => listAt(model, 'panels').flatMap((panel) => listAt(panel, 'targets')));
    expect(shown.length).toBe(catalogue.filter(({ panel }) => panel !== null).length);
  });

  it('have panels with ids of their own that do not lie on each other', () => {
    for (const { model } of dashboards()) {
      const ids = new Set<unknown>();
      const cells = new Set<string>();
      for (const panel of listAt(model, 'panels')) {
        const place = recordAt(panel, 'gridPos');
        const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((side) => Number(place?.[side]));
        ids.add(recordAt({ panel }, 'panel')?.['id']);
        for (let column = x ?? 0; column < (x ?? 0) + (w ?? 0); column += 1)
          for (let row = y ?? 0; row < (y ?? 0) + (h ?? 0); row += 1) cells.add(`${column},${row}`);
        expect((x ?? 0) + (w ?? 0)).toBeLessThanOrEqual(24);
      }
      const area = listAt(model, 'panels').reduce(
        (sum: number, panel) => sum + Number(recordAt(panel, 'gridPos')?.['w']) * Number(recordAt(panel, 'gridPos')?.['h']),
        0,
      );
      expect(cells.size).toBe(area);
      expect(ids.size).toBe(listAt(model, 'panels').length);
    }
  });

  it('choose the data source that they are given', () => {
    const [first] = dashboards({ uid: 'abc', name: 'Lab' });
    expect(JSON.stringify(first?.model)).toContain('"value":"abc"');
    expect(JSON.stringify(dashboards()[0]?.model)).not.toContain('abc');
  });
});
