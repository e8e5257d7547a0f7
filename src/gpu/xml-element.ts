import { XmlElement as Element, parseXml as parseDocument, XmlError, XmlText } from '@rgrove/parse-xml';
import { clean } from '../text/clean.js';

/** An element: text, or a tree of elements by name. Everything is text; where an element stands more than once, it is a list. */
export type XmlNode = string | XmlElement | readonly XmlNode[];
export interface XmlElement {
  readonly [name: string]: XmlNode;
}

/** The element's tree, or why it is none. Nothing is expanded: no entities but the five of XML and characters by number, no DTD. */
export function parseXml(text: string): { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly why: string } {
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) return { ok: false, why: 'it holds definitions of its own in the middle' };
  try {
    const { root } = parseDocument(withCharactersOfXml(text), { ignoreUndefinedEntities: true });
    return root === null ? { ok: false, why: 'it is empty' } : { ok: true, root: { [root.name]: nodeOf(root, 1) } };
  } catch (error) {
    if (error instanceof XmlError) return { ok: false, why: `it is not well-formed XML near its line ${error.line}` };
    // Elements nested too deeply.
    return { ok: false, why: 'it is not XML that can be read safely' };
  }
}

/** XML 1.0 has no place for most control characters and none for half a surrogate pair, but what somebody else calls his process may hold them all the same. */
function withCharactersOfXml(text: string): string {
  if (!notOfXml.test(text)) return text;
  return text
    .split('<')
    .map((piece) => {
      if (!notOfXml.test(piece)) return piece;
      const content = piece.indexOf('>') + 1;
      return piece.slice(0, content) + clean(piece.slice(content), piece.length);
    })
    .join('<');
}

const notOfXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const deepest = 24;

function nodeOf(element: Element, depth: number): XmlNode {
  if (depth > deepest) throw new RangeError(`more than ${deepest} elements one in the other`);
  const members = new Map<string, XmlNode[]>();
  const add = (name: string, node: XmlNode) => {
    const known = members.get(name);
    if (known === undefined) members.set(name, [node]);
    else known.push(node);
  };
  for (const [name, value] of Object.entries(element.attributes)) add(`@${name}`, value);
  let text = '';
  for (const child of element.children) {
    if (child instanceof Element) add(child.name, nodeOf(child, depth + 1));
    else if (child instanceof XmlText) text += child.text;
  }
  text = text.trim();
  if (members.size === 0) return text;
  if (text !== '') add('#text', text);
  // Not by assignment, which would take an element called __proto__ for something else.
  return Object.fromEntries([...members].map(([name, nodes]) => [name, nodes.length === 1 ? (nodes[0] ?? '') : nodes]));
}

/** The text at the end of a path of names; null where there is no such element, or where it is not one text. */
export function textAt(element: XmlNode | undefined, ...path: readonly string[]): string | null {
  const node = nodeAt(element, ...path);
  return typeof node === 'string' ? node : null;
}

/** The first of these places where a text stands; places are paths with dots. */
export function firstText(element: XmlNode | undefined, ...places: readonly string[]): string | null {
  for (const place of places) {
    const text = textAt(element, ...place.split('.'));
    if (text !== null) return text;
  }
  return null;
}

export function nodeAt(element: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  let node = element;
  for (const name of path) {
    if (node === undefined || !isElement(node) || !Object.hasOwn(node, name)) return undefined;
    node = node[name];
  }
  return node;
}

/** The elements of this name, however many. */
export function elementsAt(element: XmlNode | undefined, ...path: readonly string[]): readonly XmlElement[] {
  const node = nodeAt(element, ...path);
  return (Array.isArray(node) ? node : [node]).filter(isElement);
}

function isElement(node: unknown): node is XmlElement {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
