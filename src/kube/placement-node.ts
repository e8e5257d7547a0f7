import type { Taint } from '../state/nodes.js';
import type { Quantities } from '../state/quantities.js';
import { at, list, number, text, textMap } from './json.js';
import { quantities } from './projections/quantities.js';

/** A node as the scheduler sees it. */
export interface PlacementNode {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly allocatable: Quantities;
  /** Bytes by each name an image goes by; a kubelet names its fifty largest at most. */
  readonly images: ReadonlyMap<string, number>;
  /** Whether all images of the node are named. */
  readonly allImages: boolean;
}

/** v1.Node as the scheduler sees it; null for something without a name. */
export function placementNode(object: unknown): PlacementNode | null {
  const name = text(at(object, 'metadata', 'name'));
  if (name === null) return null;
  const images = list(at(object, 'status', 'images'));
  return {
    name,
    labels: textMap(at(object, 'metadata', 'labels')),
    unschedulable: at(object, 'spec', 'unschedulable') === true,
    taints: list(at(object, 'spec', 'taints')).flatMap((taint) => {
      const key = text(at(taint, 'key'));
      return key === null ? [] : [{ key, value: text(at(taint, 'value')) ?? '', effect: text(at(taint, 'effect')) ?? '' }];
    }),
    allocatable: quantities(at(object, 'status', 'allocatable')),
    images: new Map(
      images.flatMap((image) =>
        list(at(image, 'names')).flatMap((own) => (text(own) === null ? [] : [[text(own) ?? '', number(at(image, 'sizeBytes')) ?? 0] as const])),
      ),
    ),
    allImages: images.length < mostNamed,
  };
}

/** The kubelet's nodeStatusMaxImages. */
const mostNamed = 50;
