import type { ScaleForecast } from '../../state/scaling.js';
import { count } from '../../text/amount.js';
import { clause, counted, listed } from '../../text/wording.js';

/** `5 Ready, 3 Pending: 0/3 nodes are available: …`; how many there will be, and why not all. */
export function forecastWords({ to, ready, pending, pendingWhy, notCreated, notCreatedWhy, failing, failingWhy, unknown }: ScaleForecast): string {
  if (unknown !== null || ready === null) return `how many of ${counted(to, 'pod')} find a place cannot be foretold: ${unknown ?? ''}`;
  if (to === 0) return 'no pod is left';
  return [
    `${count(ready)} of ${count(to)} Ready`,
    ...(pending === 0 ? [] : [`${count(pending)} Pending: ${clause(pendingWhy ?? '')}`]),
    ...(notCreated === 0 ? [] : [`${count(notCreated)} not created: ${clause(notCreatedWhy ?? '')}`]),
    ...(failing === 0 ? [] : [`${count(failing)} not ready by ${failing === 1 ? 'itself' : 'themselves'}: ${failingWhy ?? ''}`]),
  ].join('; ');
}

/** `2 on gpu-1, 1 on gpu-2`: where new pods would go. */
export function placedWords({ placed }: ScaleForecast): string {
  return listed(
    [...placed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([node, pods]) => `${count(pods)} on ${node}`),
    6,
  );
}

/** Whether all that is asked for will run. */
export function isWhole({ to, ready }: ScaleForecast): boolean {
  return ready === to;
}
