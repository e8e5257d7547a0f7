/** Takes a list apart while it arrives, so that neither its text nor its objects are ever there as a whole. */
export interface ListItems {
  push(chunk: Buffer): void;
  /** The list's own JSON, its items left out; '' while nothing came. */
  envelope(): string;
}

const quote = 0x22;
const backslash = 0x5c;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;

/**
 * Calls `item` with the JSON text of each element of the top-level `items` array of a JSON document that comes in pieces. Only nesting and strings are looked at:
 * whether an item is valid JSON is for its reader to find out.
 */
export function splitListItems(item: (json: string) => void): ListItems {
  let envelope = '';
  let parts: Buffer[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** Within the items array, which lies at depth 2. */
  let inItems = false;

  return {
    envelope: () => envelope,
    push(chunk) {
      // What lies before `start` is dealt with.
      let start = 0;
      for (let index = 0; index < chunk.length; index += 1) {
        const byte = chunk[index];
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) inString = false;
          continue;
        }
        if (byte === quote) inString = true;
        else if (byte === braceOpen || byte === bracketOpen) {
          depth += 1;
          if (inItems && depth === 3) start = index;
          else if (!inItems && depth === 2 && byte === bracketOpen) {
            envelope += chunk.toString('latin1', start, index + 1);
            start = index + 1;
            inItems = /"items"\s*:\s*\[$/.test(envelope.slice(-64));
          }
        } else if (byte === braceClose || byte === bracketClose) {
          depth -= 1;
          if (inItems && depth === 2) {
            parts.push(chunk.subarray(start, index + 1));
            const [only] = parts;
            const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
            parts = [];
            start = index + 1;
            item(whole.toString('utf8'));
          } else if (inItems && depth === 1) {
            inItems = false;
            start = index;
          }
        }
      }
      if (!inItems) envelope += chunk.toString('latin1', start);
      else if (depth > 2) parts.push(chunk.subarray(start));
    },
  };
}
