import { expect, it } from 'vitest';
import { editInput, emptyInput } from '../../views/text-input.js';

const typed = (keys: readonly string[]) => keys.reduce((input, key) => editInput(input, key) ?? input, emptyInput);

it('takes characters as they are typed, accents and wide ones included', () => {
  expect(typed(['g', 'é', '日', 'space', 'x', 'left', 'y'])).toEqual({ text: 'gé日 yx', cursor: 5 });
});

it('leaves out what nobody can see, however it was typed', () => {
  expect(typed(['a', '\u202e', 'b\u200d', '\u{1f469}\u200d\u{1f680}'])).toEqual({ text: 'ab\u{1f469}\u{1f680}', cursor: 4 });
});
