import { ask, type Machine } from './machine-reading.js';

/** systemd's units of swap areas, by what keeps them from being switched on at boot. */
export interface SwapUnits {
  readonly toMask: readonly string[];
  /** Written by hand into /etc/systemd/system, where a mask would have to take their place. */
  readonly toDisable: readonly string[];
  /** Whether one of them is switched on at the next boot. */
  readonly comeBack: boolean;
}

/** Those that are not masked yet. Rejects with HostError. */
export async function readSwapUnits(machine: Machine): Promise<SwapUnits> {
  const listed = (await ask(machine, ['systemctl', 'list-unit-files', '--no-pager', '--no-legend', '--type=swap'])) ?? '';
  const units = listed.split('\n').flatMap((line) => {
    const [unit = '', state = ''] = line.trim().split(/\s+/);
    return unit.endsWith('.swap') && !unit.startsWith('-') && !state.startsWith('masked') ? [{ unit, state }] : [];
  });
  if (units.length === 0) return { toMask: [], toDisable: [], comeBack: false };
  const properties = ['-p', 'Id', '-p', 'FragmentPath', '-p', 'SourcePath'];
  const shown = (await ask(machine, ['systemctl', 'show', '--no-pager', ...properties, '--', ...units.map(({ unit }) => unit)])) ?? '';
  const named = (line: RegExp) => new Set(shown.split(/\n\n+/).flatMap((block) => (line.test(block) ? [/^Id=(.+)$/m.exec(block)?.[1] ?? ''] : [])));
  const byHand = named(/^FragmentPath=\/etc\/systemd\/system\//m);
  // Those of fstab are gone with their entry.
  const ofFstab = named(/^SourcePath=\/etc\/fstab$/m);
  return {
    toMask: units.flatMap(({ unit }) => (byHand.has(unit) ? [] : [unit])),
    toDisable: units.flatMap(({ unit, state }) => (byHand.has(unit) && state.startsWith('enabled') ? [unit] : [])),
    comeBack: units.some(({ unit, state }) => state.startsWith('enabled') || (state === 'generated' && !ofFstab.has(unit))),
  };
}
