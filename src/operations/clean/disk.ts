import { statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { journalFolder } from '../../journal/journal.js';
import type { DiskUse } from '../../state/disks.js';
import type { Risk } from '../../state/operations.js';
import { bytes } from '../../text/amount.js';
import { quantityOrNull } from '../../text/quantity.js';
import { listed } from '../../text/wording.js';
import { defineFix, fieldForms, nothingToDo } from '../fix.js';
import { nodeOf } from '../gpu-pods.js';
import { type Machine, reachMachine } from '../machine-reading.js';
import type { Operation } from '../operation.js';
import type { Change } from '../steps.js';
import { defaultParts, type MeasuredStore, measureStores, pasted, pileDisks } from './disk-inventory.js';
import { startLook, usualJournalBytes } from './disk-look.js';
import { clearStore } from './disk-step.js';
import { diskStores } from './disk-stores.js';
import { freeWords, percentWords, type Target, targetFor } from './disk-target.js';
import { diskUses } from './disk-usage.js';
import { hasDiskPressure, pressureGone } from './disk-verification.js';
import type { Found, Store, StoreCommand } from './stores/store.js';

/**
 * Wins back disk space on a node, least harm first, until there is room enough. `stores`: ids with spaces between them, empty for those that go unless somebody says otherwise. `parts`:
 * `STORE=ID` with spaces between them, for stores whose pieces are chosen one by one. `target`: `30%`; empty for twice what the kubelet evicts below. `journal`: what it keeps, as `500Mi`.
 */
export const cleanDisk: Operation = defineFix({
  id: 'clean-disk',
  title: 'win back disk space, least harm first',
  fields: {
    node: fieldForms.host,
    stores: /^(?:[a-z-]+(?: +[a-z-]+)*)?$/,
    parts: /^(?:[a-z-]+=[\w.:@/-]+(?: +[a-z-]+=[\w.:@/-]+)*)?$/,
    target: /^(?:(?:[1-9]|[1-8]\d|90)(?:\.\d+)?%)?$/,
    journal: /^(?:\d+(?:\.\d+)?(?:[KMG]i?)?)?$/,
  },
  headline: (field) => `Win back disk space on ${field('node')}`,
  subject: (field) => field('node'),
  async propose(field, world) {
    const machine = await reachMachine(world, field('node'));
    const node = nodeOf(world.snapshot(), machine.name) ?? machine.name;
    const wanted = chosenStores(field('stores'));
    const look = await startLook(machine, node, world, field('journal') === '' ? usualJournalBytes : (quantityOrNull(field('journal')) ?? usualJournalBytes));
    const disks = await pileDisks(look);
    const measured = await measureStores(look, wanted);
    const parts = chosenParts(field('parts'));
    const all = measured.flatMap((one) => clearing(one, parts));
    const share = field('target') === '' ? null : Number(field('target').replace('%', '')) / 100;
    const target = targetFor(world.snapshot(), node, share);
    const low = disks.filter((disk) => disk.availableBytes < target(disk));
    if (all.length === 0) throw nothingToDo(emptyWords(measured, field('stores') !== ''));
    if (share !== null && low.length === 0) throw nothingToDo(`${listed(disks.map((disk) => `${disk.mount} has ${freeWords(disk)}`))}`);
    // With room enough everywhere, whoever ticks something wants it to go.
    const stopAt = low.length === 0 ? null : target;
    const unknown = measured.filter(({ found }) => found === null);
    const pressed = hasDiskPressure(world.snapshot(), node);
    const goal = goalWords(low, target, node, pressed);
    return {
      title: `Win back up to ${bytes(all.reduce((sum, { bytes: size }) => sum + size, 0))} on ${node}`,
      risk: highestRisk(all),
      changes: all.map((one) => change(one, machine, stopAt)),
      goesOn: true,
      warnings: [
        ...disks.map((disk) => `${disk.mount} has ${freeWords(disk)}; ${percentWords(target(disk), disk.sizeBytes)} is enough`),
        ...(stopAt === null ? [] : ['it goes on from one to the next only until there is room enough']),
        ...all.flatMap(({ warnings }) => warnings),
        ...(unknown.length === 0
          ? []
          : [
              `not measured: ${unknown.map(({ store, reading }) => `${store.id} (${reading.reading.status === 'unknown' ? reading.reading.why : ''})`).join(', ')}`,
            ]),
        ...(await ownJournalWarnings()),
      ],
      undo: null,
      goal,
      async verify(seen, signal) {
        const uses = await diskUses(
          machine.host,
          disks.map(({ mount }) => mount),
        );
        const words = uses.map((use, index) => wonWords(disks[index], use)).join('; ');
        const still = uses.filter((use) => low.some(({ mount }) => mount === use.mount) && use.availableBytes < target(use));
        if (still.length > 0)
          return { seen: false, text: `${words}; ${listed(still.map(({ mount }) => mount))} still has too little: what is left takes a person to choose` };
        if (!pressed) return { seen: true, text: words };
        const gone = await pressureGone(seen, node, signal);
        return { seen: gone.seen, text: `${words}; ${gone.text}` };
      },
    };
  },
});

/** One store of a plan, with what of it goes. */
interface Clearing {
  readonly store: Store;
  readonly found: Found;
  readonly commands: readonly StoreCommand[];
  readonly bytes: number;
  readonly risk: Risk;
  readonly warnings: readonly string[];
}

function chosenStores(ids: string): readonly Store[] {
  if (ids === '') return diskStores.filter(({ ticked }) => ticked);
  const wanted = ids.split(/ +/);
  const unknown = wanted.find((id) => !diskStores.some((store) => store.id === id));
  if (unknown !== undefined) throw new Error(`there is no store called ${unknown}: there are ${diskStores.map(({ id }) => id).join(', ')}`);
  return diskStores.filter(({ id }) => wanted.includes(id));
}

/** By store; none for a store of which nothing is named. */
function chosenParts(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = text.split(/ +/).flatMap((pair) => (pair === '' ? [] : [[pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const]));
  return new Map([...Map.groupBy(pairs, ([store]) => store)].map(([store, own]) => [store, new Set(own.map(([, id]) => id))]));
}

function clearing({ store, found }: MeasuredStore, chosen: ReadonlyMap<string, ReadonlySet<string>>): readonly Clearing[] {
  if (found === null) return [];
  const ids = chosen.get(store.id) ?? defaultParts(found);
  const missing = [...ids].find((id) => !found.parts.some((part) => part.id === id));
  if (missing !== undefined) throw new Error(`${missing} is not among the ${store.title} any more: look again`);
  const commands = found.commands(ids);
  if (commands.length === 0) return [];
  const parts = found.parts.filter(({ id }) => ids.has(id));
  const lost = parts.filter(({ verdict }) => verdict === 'lost');
  const pulled = parts.filter(({ verdict }) => verdict === 're-pull');
  const images = store.id === 'docker-images';
  return [
    {
      store,
      found,
      commands,
      bytes: store.byPart === true ? parts.reduce((sum, part) => sum + part.bytes, 0) : found.bytes,
      // What can be had again and nobody uses is missed by nobody.
      risk: lost.length > 0 ? 'destructive' : parts.length > 0 && pulled.length === 0 ? 'safe' : store.risk,
      warnings: [
        ...(store.risk === 'safe' || parts.length > 0 ? [] : [`${store.title}: ${store.harm}`]),
        ...lost.map(({ text, why }) => `LOST: ${text}: ${why}`),
        ...(images && lost.length > 0 ? [`keep them first: docker save -o FILE ${lost[0]?.text.split(/[ ,]/)[0] ?? 'IMAGE'}, or push them`] : []),
        ...pulled.map(({ text, usedBy }) => `${text} is used by ${listed(usedBy)}`),
        ...(found.note === undefined || images ? [] : [`${store.title}: ${found.note}`]),
      ],
    },
  ];
}

function change({ store, found, commands, bytes: size }: Clearing, machine: Machine, target: Target | null): Change {
  const shown = commands.slice(0, 3).map(pasted);
  const more = commands.length - shown.length;
  return {
    object: `disk/${machine.name}/${store.id}`,
    text: `${store.title}: ${found.exact ? '' : 'about '}${bytes(size)} (${found.how})`,
    exact: `${machine.name}# ${shown.join('; ')}${more > 0 ? `; and ${more} more of the kind` : ''}`,
    bytes: size,
    action: { do: 'call', perform: (signal) => clearStore(machine, found, commands, { target, signal }) },
  };
}

function highestRisk(all: readonly Clearing[]): Risk {
  const order: readonly Risk[] = ['safe', 'disruptive', 'needs-reboot', 'destructive'];
  return order[Math.max(...all.map(({ risk }) => order.indexOf(risk)))] ?? 'safe';
}

function emptyWords(measured: readonly MeasuredStore[], asked: boolean): string {
  const unknown = measured.flatMap(({ store, reading }) => (reading.reading.status === 'unknown' ? [`${store.id}: ${reading.reading.why}`] : []));
  const choices = measured.flatMap(({ store, found }) => (found !== null && found.parts.length > 0 ? [`${store.title} have to be chosen one by one`] : []));
  return [asked ? 'nothing of what was asked for can go' : 'nothing has piled up that goes without harm', ...choices, ...unknown].join('; ');
}

function goalWords(low: readonly DiskUse[], target: Target, node: string, pressed: boolean): string {
  const room =
    low.length === 0
      ? `df on ${node} shows what was won`
      : listed(low.map((disk) => `${disk.mount} of ${node} has ${percentWords(target(disk), disk.sizeBytes)} free`));
  return pressed ? `${room}, and the kubelet no longer reports DiskPressure` : room;
}

function wonWords(before: DiskUse | undefined, after: DiskUse): string {
  const won = before === undefined ? 0 : before.usedBytes - after.usedBytes;
  return `${won > 0 ? `won ${bytes(won)}: ` : ''}${after.mount} has ${freeWords(after)}`;
}

/** The program's own journal lies on a disk too, perhaps on the very one that is full. */
async function ownJournalWarnings(): Promise<readonly string[]> {
  let folder = journalFolder(process.env, homedir());
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize < 2 ** 20
        ? [`the disk of this program's own journal (${folder}) is full too: if its line cannot be written, nothing is begun`]
        : [];
    } catch {
      if (folder === dirname(folder)) return [];
      folder = dirname(folder);
    }
  }
}
