import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { clean } from '../text/clean.js';

/** A path in a document: keys and places in lists. */
export type YamlPath = readonly (string | number)[];

/** The text of a YAML file, which knows where each of its values stands. */
export class YamlSource {
  /** What is no YAML in it, as `FILE:LINE:COLUMN: sentence`. */
  readonly errors: readonly string[];
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #counter = new LineCounter();
  readonly #document: Document;
  readonly #value: unknown;

  constructor(file: string, text: string) {
    this.#file = clean(file);
    this.#lines = text.split('\n');
    this.#document = parseDocument(text, { lineCounter: this.#counter, prettyErrors: false });
    const errors = [...this.#document.errors, ...this.#document.warnings].map((error) =>
      this.#told(error.pos[0], `this is not YAML: ${clean(error.message, 300).replace(/\.$/, '')}`),
    );
    try {
      // What is anchored once and named a thousand times in each of its own parts would fill the memory.
      this.#value = errors.length > 0 ? undefined : this.#document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      errors.push(this.#told(0, `this cannot be read: ${clean(error instanceof Error ? error.message : String(error), 200)}`));
    }
    this.errors = errors;
  }

  /** The plain data; nothing where the file has errors. */
  value(): unknown {
    return this.#value;
  }

  /** `FILE:LINE:COLUMN: sentence` of the value at a path, or of its key, or of the nearest that is there. */
  problem(path: YamlPath, sentence: string, part: 'value' | 'key' = 'value'): string {
    return this.#told(this.#offset(path, part), sentence);
  }

  /** The same of a place inside a text: a line of a script, and a word in it. */
  problemIn(path: YamlPath, line: number, word: string, sentence: string): string {
    const node = this.#document.getIn(path, true);
    if (!isScalar(node) || (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED')) return this.problem(path, sentence);
    const row = this.#counter.linePos(node.range?.[0] ?? 0).line + line - 1;
    const column = this.#lines[row]?.indexOf(word) ?? -1;
    return `${this.#file}:${row + 1}:${column + 1 || 1}: ${clean(sentence)}`;
  }

  #offset(path: YamlPath, part: 'value' | 'key'): number {
    if (path.length === 0) return rangeStart(this.#document.contents);
    if (part === 'key') {
      const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent) ? parent.items.find(({ key }) => (isScalar(key) ? String(key.value) : key) === path.at(-1)) : undefined;
      if (pair !== undefined) return rangeStart(pair.key);
    }
    const node = this.#document.getIn(path, true);
    return isNode(node) && node.range !== undefined && node.range !== null ? node.range[0] : this.#offset(path.slice(0, -1), part);
  }

  #told(offset: number, sentence: string): string {
    const { line, col } = this.#counter.linePos(offset);
    return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${clean(sentence)}`;
  }
}

function rangeStart(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
