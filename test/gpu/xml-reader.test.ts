import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/gpu/xml-reader.js';

describe('reading XML', () => {
  it('gives texts as they are, elements by name, and a list of those that stand more than once', () => {
    const text = '<?xml version="1.0" ?>\n<log>\n\t<gpu id="0"><!-- old --><serial> 0322 </serial><e/></gpu>\n\t<gpu id=\'1\'>lost</gpu>\n</log>\n';
    expect(readXml(text)).toEqual({
      log: {
        gpu: [
          { '@id': '0', serial: '0322', e: '' },
          { '@id': '1', '#text': 'lost' },
        ],
      },
    });
  });

  it('leaves characters that are written by name or number as they are', () => {
    expect(readXml('<a><b>&lt;1&#62;</b></a>')).toEqual({ a: { b: '&lt;1&#62;' } });
  });

  it.each([
    ['an end tag of another element', '<a>\n<b></c></a>', 2],
    ['an end tag too many', '<a></a>\n</a>', 2],
    ['an element without an end', '<a>\n<b>', 2],
    ['text beside its only element', '<a></a>\n x', 1],
    ['two documents', '<a></a>\n<a></a>', 2],
    ['a bare ampersand', '<a>\n<b>x & y</b></a>', 2],
    ['an attribute without quotes', '<a b=c></a>', 1],
    ['a comment without an end', '<a>\n\n<!-- </a>', 3],
    ['a name that objects know', '<a><__proto__>1</__proto__></a>', 1],
    ['too many elements within each other', '<a>'.repeat(25) + '</a>'.repeat(25), 1],
    ['nothing', '', 1],
  ])('tells the line of %s', (_, text, line) => {
    expect(() => readXml(text)).toThrow(expect.objectContaining({ line }));
  });
});
