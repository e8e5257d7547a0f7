import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element: text, or a tree of elements by name. Everything is text; where an element stands more than once, it is a list. */
export type XmlNode = string | XmlElement | readonly XmlNode[];
export interface XmlElement {
  readonly [name: string]: XmlNode;
}

/** The element's tree, or why it is none. Nothing is expanded: no entities but the five of XML and characters by number, no DTD. */
export function parseXml(text: string): { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly why: string } {
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) return { ok: false, why: 'it holds definitions of its own in the middle' };
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) return { ok: false, why: `it is not well-formed XML near its line ${valid.err.line}` };
    const root: unknown = parser.parse(text);
    return isElement(root) ? { ok: true, root } : { ok: false, why: 'it is empty' };
  } catch {
    // Elements nested too deeply, or with names that are no names.
    return { ok: false, why: 'it is not XML that can be read safely' };
  }
}

/** The text at the end of a path of names; null where there is no such element, or where it is not one text. */
export function textAt(element: XmlNode | undefined, ...path: readonly string[]): string | null {
  const node = nodeAt(element, ...path);
  return typeof node === 'string' ? unescaped(node) : null;
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

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // Numbers stay text: serial numbers have leading zeros, and amounts have units.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  htmlEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 24,
});

function isElement(node: unknown): node is XmlElement {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name: string | undefined, decimal: string, hex: string) => {
    if (name !== undefined) return entities.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const entities: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
