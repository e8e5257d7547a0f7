import { expect, test } from 'vitest';
import { splitListItems } from '../../src/kube/list-items.js';

const document = {
  kind: 'PodList',
  metadata: { resourceVersion: '7', note: 'not these "items":[{"a":1}]', items: [{ not: 'these' }] },
  items: [{ name: 'a"]}\\', list: [[1], {}] }, {}, { name: 'ü€😀', deep: { items: [{ x: 1 }] } }],
  trailing: { items: [1] },
};

test.each([1, 2, 3, 7, 64, 10_000])('items come out whole from pieces of %i bytes, and the rest stays a document', (size) => {
  const bytes = Buffer.from(JSON.stringify(document, null, size === 7 ? 2 : 0));
  const items: unknown[] = [];
  const list = splitListItems((json) => items.push(JSON.parse(json)));
  for (let start = 0; start < bytes.length; start += size) list.push(bytes.subarray(start, start + size));
  expect(items).toEqual(document.items);
  expect(JSON.parse(list.envelope())).toEqual({ ...document, items: [] });
});

test('an empty list, a missing list and a list of nothing have no items', () => {
  for (const text of ['{"metadata":{},"items":[]}', '{"metadata":{}}', '{"items":null}']) {
    const items: string[] = [];
    const list = splitListItems((json) => items.push(json));
    list.push(Buffer.from(text));
    expect(items).toEqual([]);
    expect(JSON.parse(list.envelope())).toEqual(JSON.parse(text));
  }
});
