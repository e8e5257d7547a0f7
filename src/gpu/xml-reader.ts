import type { XmlElement, XmlNode } from './xml-element.js';

/** Why a text is no XML, and near which of its lines. */
export class XmlFault extends Error {
  readonly line: number;

  constructor(text: string, place: number) {
    super('not well-formed');
    let line = 1;
    for (let at = text.indexOf('\n'); at !== -1 && at < place; at = text.indexOf('\n', at + 1)) line += 1;
    this.line = line;
  }
}

/**
 * Reads a document of plain elements with attributes and text; comments and processing instructions are passed over, characters by name or number stay as they are.
 * Throws XmlFault. nvidia-smi's documents are large and come from every machine every few seconds: a parser that knows all of XML takes ten times as long.
 */
export function readXml(text: string): XmlElement {
  const root: OpenElement = { name: '', parts: new Map(), text: '' };
  const open: OpenElement[] = [root];
  let current = root;
  let place = 0;
  for (;;) {
    const next = text.indexOf('<', place);
    if (next > place || next === -1) current.text += readText(text, place, next === -1 ? text.length : next, current === root);
    if (next === -1) break;
    const sign = text.charCodeAt(next + 1);
    if (sign === slash) {
      place = after(text, '>', next);
      if (current === root || text.slice(next + 2, place - 1).trimEnd() !== current.name) throw new XmlFault(text, next);
      const closed = current;
      open.pop();
      current = open.at(-1) ?? root;
      add(current, closed.name, nodeOf(closed));
    } else if (sign === question) place = after(text, '?>', next);
    else if (sign === exclamation) {
      if (!text.startsWith('<!--', next)) throw new XmlFault(text, next);
      place = after(text, '-->', next + 4);
    } else {
      // Nearly all elements are a name with a text, and are read at once.
      leaf.lastIndex = next;
      const [all, leafName, value] = (current === root ? null : leaf.exec(text)) ?? [];
      if (all !== undefined && leafName !== undefined && value !== undefined) {
        add(current, leafName, value.trim());
        place = next + all.length;
        continue;
      }
      openingTag.lastIndex = next;
      const [whole, name, attributes = '', end] = openingTag.exec(text) ?? [];
      if (whole === undefined || name === undefined || (current === root && root.parts.size > 0)) throw new XmlFault(text, next);
      place = next + whole.length;
      const opened: OpenElement = { name, parts: new Map(), text: '' };
      for (const [, key = '', double, single] of attributes.matchAll(attribute)) add(opened, `@${key}`, double ?? single ?? '');
      if (end === '/') add(current, name, nodeOf(opened));
      else {
        open.push(opened);
        current = opened;
        if (open.length > deepest) throw new XmlFault(text, next);
      }
    }
  }
  if (current !== root || root.parts.size === 0) throw new XmlFault(text, text.length);
  return elementOf(root);
}

const [slash, question, exclamation] = [0x2f, 0x3f, 0x21];
const deepest = 24;
// Names that mean something to objects are no names.
const openingTag = /<((?!__)[A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const leaf = /<((?!__)[A-Za-z_][\w.:-]*)>([^<&]*)<\/\1>/y;
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const bareAmpersand = /&(?!(?:[A-Za-z]\w{0,30}|#\d{1,7}|#x[\dA-Fa-f]{1,6});)/;

/** An element whose end has not been read yet: what is in it by name, and its own text. */
interface OpenElement {
  readonly name: string;
  readonly parts: Map<string, XmlNode[]>;
  text: string;
}

function add({ parts }: OpenElement, name: string, node: XmlNode): void {
  const same = parts.get(name);
  if (same === undefined) parts.set(name, [node]);
  else same.push(node);
}

function nodeOf(element: OpenElement): XmlNode {
  const text = element.text.trim();
  if (element.parts.size === 0) return text;
  if (text !== '') add(element, '#text', text);
  return elementOf(element);
}

function elementOf({ parts }: OpenElement): XmlElement {
  return Object.fromEntries([...parts].map(([name, nodes]) => [name, nodes.length === 1 ? (nodes[0] ?? '') : nodes]));
}

function readText(text: string, from: number, to: number, isOutside: boolean): string {
  const part = text.slice(from, to);
  if (isOutside ? part.trim() !== '' : part.includes('&') && bareAmpersand.test(part)) throw new XmlFault(text, from);
  return isOutside ? '' : part;
}

function after(text: string, end: string, from: number): number {
  const place = text.indexOf(end, from);
  if (place === -1) throw new XmlFault(text, from);
  return place + end.length;
}
