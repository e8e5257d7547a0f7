import { readdirSync } from 'node:fs';
import { assetsPath } from '../assets-path.js';

/** The demo scenarios there are: the files of assets/demo/, by name. */
export function scenarioNames(): readonly string[] {
  return readdirSync(assetsPath('demo'))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .sort((a, b) => Number(b === 'healthy') - Number(a === 'healthy') || (a < b ? -1 : 1));
}
