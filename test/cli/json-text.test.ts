import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/json-text.js';

describe('JSON on a terminal', () => {
  it('means the same and shows nothing that a terminal would act on', () => {
    const value = { name: 'a\x1b[31m\u009b31m\u202eb\u200b\ufeff\u{e0041}c漢\u2028', list: [1, null] };
    const text = jsonText(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toMatch(/^[\x20-\x7e\n漢]*$/);
    expect(jsonText(value, 0).trimEnd()).not.toContain('\n');
  });
});
