import type { Operation } from './operation.js';

/** Every operation there is. */
export const operations: readonly Operation[] = [];
