/** What our own screens are drawn with, as a class of a regular expression: ASCII, box drawing, blocks, braille and a few signs. Each is one column wide and one character of its own. */
export const ownSigns = '\\x20-\\x7e\\u2500-\\u259f\\u2800-\\u28ff✓✗●◌·…▸▲▼→×–⟨⟩°';
