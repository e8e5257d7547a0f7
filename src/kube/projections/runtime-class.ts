import type { RuntimeClass } from '../../state/runtime-classes.js';
import { at, text } from '../json.js';

/** node.k8s.io/v1 RuntimeClass; null for something without a name. */
export function projectRuntimeClass(object: unknown): RuntimeClass | null {
  const name = text(at(object, 'metadata', 'name'));
  return name === null ? null : { name, handler: text(at(object, 'handler')) ?? '' };
}
