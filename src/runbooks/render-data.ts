import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseAllDocuments, type Scalar } from 'yaml';
import type { SetupHost } from '../state/setup.js';
import { clean } from '../text/clean.js';
import type { Filling } from './render.js';
import { groupOf, hostsOf, renderText, valueNamed } from './render-text.js';
import { filled, formOf, onlyVariable, type Placeholder, placeholders } from './templates.js';

/**
 * A YAML or JSON document with the placeholders in its texts filled in. A text that is nothing but one variable becomes a number or a flag where the variable is one; in YAML, quotes around it keep it text. An entry of a list that names
 * hosts of a role is there once for each of them. Texts of several lines are filled in line by line, and as data themselves where their key is the name of a YAML or JSON file.
 */
export function renderData(text: string, form: 'yaml' | 'json', filling: Filling): string {
  const documents = documentsOf(text, filling.template);
  for (const document of documents) new Filler(filling, form).fill(document.contents);
  if (form === 'json') return `${JSON.stringify(documents[0]?.toJS() ?? null, null, 2)}\n`;
  return documents.map(written).join('');
}

/** The documents of a template. Throws with the place where it is no YAML. */
export function documentsOf(text: string, template: string): readonly Document[] {
  const documents = [...parseAllDocuments(text, { prettyErrors: true })];
  for (const { errors, warnings } of documents) {
    const [wrong] = [...errors, ...warnings];
    if (wrong === undefined) continue;
    const { line, col } = wrong.linePos?.[0] ?? { line: 1, col: 1 };
    throw new Error(`manifests/${template}:${line}:${col}: ${clean(wrong.message.split('\n')[0] ?? '', 200)}`);
  }
  return documents;
}

function written(document: Document, at: number): string {
  const text = document.toString({ lineWidth: 0 });
  return at === 0 || text.startsWith('---') ? text : `---\n${text}`;
}

class Filler {
  readonly #filling: Filling;
  readonly #form: 'yaml' | 'json';

  constructor(filling: Filling, form: 'yaml' | 'json') {
    this.#filling = filling;
    this.#form = form;
  }

  /** Fills in a node and all below it. `host`: the one that an entry of a list is for; `file`: the name under which the node stands. */
  fill(node: unknown, host: SetupHost | null = null, file = ''): void {
    if (isSeq(node)) {
      node.items = node.items.flatMap((item) => this.#entries(item));
    } else if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        this.fill(key, host);
        this.fill(value, host, name);
      }
    } else if (isScalar(node)) this.#fillScalar(node, host, file);
  }

  /** An entry of a list: itself, or one for each host that it is repeated for. */
  #entries(item: unknown): readonly unknown[] {
    const group = groupOf([...placeholdersIn(item)], this.#filling.template);
    if (group === null || !isNode(item)) {
      this.fill(item);
      return [item];
    }
    return hostsOf(group, this.#filling.hosts).map((host) => {
      const copy = item.clone();
      this.fill(copy, host);
      return copy;
    });
  }

  #fillScalar(node: Scalar, host: SetupHost | null, file: string): void {
    const text = node.value;
    if (typeof text !== 'string' || placeholders(text).length === 0) return;
    if (text.includes('\n')) {
      const form = formOf(file);
      node.value = form === 'text' ? renderText(text, this.#filling) : renderData(text, form, this.#filling);
      return;
    }
    const only = onlyVariable(text);
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
    const typed = only === null || (quoted && this.#form === 'yaml') ? null : this.#typed(only);
    if (typed !== null) {
      node.value = typed;
      delete node.type;
      return;
    }
    const value = filled(text, (placeholder) => this.#value(placeholder, host));
    node.value = value;
    // Readers of YAML 1.1 take words such as yes and numbers with colons for something else, so only what is surely a word goes without quotes.
    node.type = !quoted && surelyAWord.test(value) && !otherwise.test(value) ? 'PLAIN' : 'QUOTE_DOUBLE';
  }

  #typed(name: string): number | boolean | null {
    const type = this.#filling.types[name];
    const value = valueNamed(name, this.#filling);
    if ((type === 'number' || type === 'port') && /^\d{1,15}$/.test(value)) return Number(value);
    if (type === 'flag' && (value === 'yes' || value === 'no')) return value === 'yes';
    return null;
  }

  #value(placeholder: Placeholder, host: SetupHost | null): string {
    if (placeholder.kind === 'variable') return valueNamed(placeholder.name, this.#filling);
    if (host === null)
      throw new Error(
        `manifests/${this.#filling.template} names hosts with the role ${placeholder.group} outside of a list: only the entries of lists can be repeated.`,
      );
    return host[placeholder.field];
  }
}

const surelyAWord = /^[A-Za-z/][A-Za-z0-9./_-]*$/;
const otherwise = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** The placeholders of an entry of a list, without those of lists further down and of texts with several lines: they are repeated there. */
function* placeholdersIn(node: unknown): Iterable<Placeholder> {
  if (isScalar(node)) {
    if (typeof node.value === 'string' && !node.value.includes('\n')) yield* placeholders(node.value);
  } else if (isMap(node)) {
    for (const item of node.items) yield* placeholdersIn(item);
  } else if (isPair(node)) {
    yield* placeholdersIn(node.key);
    yield* placeholdersIn(node.value);
  } else if (isAlias(node)) yield* [];
}
