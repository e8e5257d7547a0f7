import { fitLine, type Line, line, type Tone } from '../../../src/text/line.js';
import { sparkline } from '../../../src/text/sparkline.js';
import { fit, pad, wrap } from '../../../src/text/width.js';
import { deviceKey, type GpuHistory, type GpuSample, wideTrend } from '../../gpu-history.js';
import { areaChart } from '../../widgets/area-chart.js';
import { type CardLayout, gap } from './card-layout.js';
import { deviceNotes, deviceTone, warnings, xidText } from './device-notes.js';
import type { BlindRow, DeviceRow, GpuRow } from './device-rows.js';
import { type Gauge, gaugeBar, gaugesOf, gaugeText } from './gauges.js';
import { share } from './gpu-usage.js';
import { shortProduct } from './ledger-rows.js';

/**
 * One GPU in `height` lines: gauges, and below each its history; with one line alone, the history of the load stands in the place of its bar where both do not fit. A
 * GPU that is lost, or a machine that cannot be seen, says why across the card.
 */
export function cardLines(row: GpuRow, layout: CardLayout, height: number, history: GpuHistory, now: number, selected: boolean): readonly Line[] {
  if (row.kind === 'blind') return blindLines(row, layout, height, selected);
  const { device, machine } = row;
  if (device.lost !== null) {
    const logged = row.xid === null ? '' : `  ·  ${xidText(row.xid, now)}`;
    return told(headLine(row, layout, selected), `lost: ${device.lost}${logged}`, 'bad', layout, height);
  }
  const samples = history.get(deviceKey(machine.node, device)) ?? [];
  const gauges = gaugesOf(device);
  const blocks: readonly (readonly [Gauge, number])[] = [
    [gauges.util, layout.util],
    [gauges.memory, layout.memory],
    [gauges.temperature, layout.temperature],
    [gauges.power, layout.power],
  ];
  const first = line(
    headLine(row, layout, selected),
    ...blocks.map(([gauge, width], index) => line(' '.repeat(gap), levelBlock(gauge, width, index < 2, height === 1 && index === 0 ? samples : null, now))),
    layout.notes > 0 ? line(' '.repeat(gap), oneNote(row, now)) : [],
  );
  if (height === 1) return [fitLine(first, layout.width)];
  const rows = height > 3 ? height - 2 : height - 1;
  const charts = blocks.map(([gauge, width], index) =>
    index === 0 && device.mig.mode === 'on' ? [sliceBlock(device, width)] : chartBlock(gauge, width, rows, samples, now),
  );
  const notes = deviceNotes(row, now);
  const below = Array.from({ length: rows }, (_, index) =>
    line(
      '  ',
      fitLine(line(notes[index] ?? []), layout.name),
      ...charts.map((chart, column) => line(' '.repeat(gap), fitLine(chart[index] ?? [], blocks[column]?.[1] ?? 0))),
    ),
  );
  return [first, ...below, ...(height > 3 ? [[]] : [])].map((one) => fitLine(one, layout.width));
}

const signs = { good: '✓', warn: '!', bad: '✗' } as const;

function headLine(row: DeviceRow, { node, name }: CardLayout, selected: boolean): Line {
  const { device, machine } = row;
  const tone = deviceTone(device);
  const index = pad(String(device.index), 2);
  const text = node > 0 ? `${fit(machine.node, node)} ${index} ${shortProduct(device.name) ?? ''}` : `${index} ${shortProduct(device.name) ?? ''}`;
  return line(selected ? ['accent', '▸'] : [tone, signs[tone]], ' ', [selected ? 'selected' : 'plain', fit(text, name)]);
}

/** The bar and the words; a block too narrow for both gets the words alone. */
function levelBlock(gauge: Gauge, width: number, withBar: boolean, samples: readonly GpuSample[] | null, now: number): Line {
  const longest = withBar ? Math.floor(width * 0.62) : width;
  const text = gaugeText(gauge, longest);
  const told = Math.max(text.length, withBar ? 4 : width);
  const room = width - told - 1;
  const tone: Tone = gauge.level === null && gauge.texts.length > 1 ? 'dim' : withBar || gauge.tone === 'good' ? 'plain' : gauge.tone;
  const words: Line = line([tone, pad(text, told, 'left')]);
  if (!withBar || room < 3) return fitLine(words, width);
  if (samples === null || gauge.level === null) return line(gaugeBar(gauge, room), ' ', words);
  const barWidth = room >= 20 ? Math.floor(room / 2) : 0;
  const spark = room - (barWidth > 0 ? barWidth + 1 : 0);
  const { values } = wideTrend(samples, spark, now, gauge.pick);
  // A GPU that is cut up has no history of its load, but a share of pieces in use.
  if (values.every((value) => value === null)) return line(gaugeBar(gauge, room), ' ', words);
  const drawn = sparkline(values, spark, { high: gauge.high });
  return line(barWidth > 0 ? line(gaugeBar(gauge, barWidth), ' ') : [], [gauge.tone, drawn], ' ', words);
}

/** A history in dots, or in the place of a load that is not told the MIG devices one by one. */
function chartBlock(gauge: Gauge, width: number, height: number, samples: readonly GpuSample[], now: number): readonly Line[] {
  return areaChart(wideTrend(samples, width * 2, now, gauge.pick).values, width, height, { high: gauge.high }).map((text) => line([gauge.tone, text]));
}

/** Every MIG device as a bar of its memory, side by side. */
function sliceBlock({ mig }: DeviceRow['device'], width: number): Line {
  const each = Math.max(2, Math.floor((width + 1) / Math.max(1, mig.devices.length)) - 1);
  return mig.devices.flatMap((slice, index) =>
    line(index === 0 ? '' : ' ', gaugeBar({ level: share(slice.memory), tone: 'accent', texts: [], pick: () => null, high: 1 }, each)),
  );
}

function oneNote(row: DeviceRow, now: number): Line {
  const warning = warnings(row, now).find(([first]) => first?.tone !== 'dim');
  const users = row.users.length === 0 ? line(['dim', 'nobody']) : line(row.users.join(', '));
  return warning === undefined ? users : line(warning, ['dim', ' · '], users);
}

function blindLines({ node, why, tone }: BlindRow, layout: CardLayout, height: number, selected: boolean): readonly Line[] {
  const sign = { bad: '✗', warn: '!', dim: '·' }[tone];
  const head = line(selected ? ['accent', '▸'] : [tone, sign], ' ', [selected ? 'selected' : 'plain', fit(node, layout.name)]);
  return told(head, why, tone, layout, height);
}

function told(head: Line, text: string, tone: Tone, layout: CardLayout, height: number): readonly Line[] {
  const indent = layout.name + 2 + gap;
  const rows = wrap(text, Math.max(10, layout.width - indent));
  return Array.from({ length: height }, (_, index) => {
    // What has no room below ends with the mark of a cut.
    const said = index === height - 1 ? rows.slice(index).join(' ') : (rows[index] ?? '');
    return fitLine(line(index === 0 ? line(head, ' '.repeat(gap)) : ' '.repeat(indent), [tone, said]), layout.width);
  });
}

/** Below a list of one line each: what there is no room for beside the gauges of the selected GPU. */
export function aboutLines(row: GpuRow, now: number, width: number): readonly Line[] {
  const rule = line(['dim', '─'.repeat(width)]);
  if (row.kind === 'blind') {
    const [first = '', second = ''] = wrap(row.why, width);
    return [rule, line([row.tone, first]), line([row.tone, second])];
  }
  const { device } = row;
  if (device.lost !== null) return [rule, line(['strong', device.name ?? row.id]), line(['bad', device.lost])];
  const [warning, ...others] = warnings(row, now);
  const users = row.users.length === 0 ? line(['dim', 'used by nobody']) : line(['dim', 'used by '], row.users.join(', '));
  const settings = deviceNotes(row, now).slice(-1).flat();
  const told = warning === undefined ? settings : [warning, ...others].flatMap((one, index) => line(index === 0 ? '' : ['dim', ' · '], one));
  return [rule, line(['strong', shortProduct(device.name) ?? row.id], '  ', users), line(told)];
}
