import { coreResources } from './core-resources.js';
import { definedResources } from './custom-resources.js';
import { groupResources } from './group-resources.js';
import { apiServicesResource, metricsResources } from './metrics-api.js';
import type { ObjectStore } from './object-store.js';
import { plainPrinter } from './printers/printer.js';
import { type ResourceType, resourceType } from './resource-type.js';

export const definitionsResource = 'customresourcedefinitions.apiextensions.k8s.io';

/** All resources that are served: the built-in ones, and those that CustomResourceDefinitions in the store add. */
export class Catalog {
  readonly #store: ObjectStore;
  readonly #stop: () => void;
  #types: readonly ResourceType[] | null = null;
  #byPath = new Map<string, ResourceType>();

  constructor(store: ObjectStore) {
    this.#store = store;
    const stops = [definitionsResource, apiServicesResource].map((resource) =>
      store.subscribe(resource, () => {
        this.#types = null;
      }),
    );
    this.#stop = () => {
      for (const stop of stops) stop();
    };
  }

  get types(): readonly ResourceType[] {
    if (this.#types !== null) return this.#types;
    const types = [...builtIn, ...metricsResources(this.#store), ...this.#store.list(definitionsResource).flatMap(definedResources)];
    this.#byPath = new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
    this.#types = types;
    return types;
  }

  find(group: string, version: string, plural: string): ResourceType | null {
    if (this.#types === null) void this.types;
    return this.#byPath.get(`${group}/${version}/${plural}`) ?? null;
  }

  /** Whether there is such a version of such a group, reviews aside. */
  has(group: string, version: string): boolean {
    return this.types.some((type) => type.group === group && type.version === version);
  }

  close(): void {
    this.#stop();
  }
}

const builtIn: readonly ResourceType[] = [
  ...coreResources.map((row) => resourceType('', 'v1', row, plainPrinter)),
  ...groupResources.flatMap(({ group, version, resources }) => resources.map((row) => resourceType(group, version, row, plainPrinter))),
];
