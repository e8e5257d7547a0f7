import { type Cast, castSeconds } from './asciicast.js';
import { cellHeight, cellWidth, n } from './cell-shapes.js';
import { type Frame, framesOf } from './frames.js';
import { escaped, palette, rowDrawing, rowStyles } from './row-drawing.js';

const edge = 12;
const barHeight = 40;

/**
 * A cast as an SVG that plays by itself, over and over. Each row of the terminal is a strip of all that ever stands there, moved behind a slit by CSS; what
 * shows no animations, or is asked to spare people movement, shows the moment `still`.
 */
export async function animated(cast: Cast, still: number): Promise<string> {
  const seconds = castSeconds(cast);
  const frames = await framesOf(cast);
  const [width, height] = [cast.columns * cellWidth, cast.rows * cellHeight];
  const rows = Array.from({ length: cast.rows }, (_, row) => stripOf(frames, row));
  const captions = captionsOf(cast);
  const shared = sharedOf(rows);
  const strips = [
    ...rows.map((strip, row) =>
      slit(
        `r${row}`,
        {
          ...strip,
          drawings: strip.drawings.map((drawing) =>
            partsOf(drawing)
              .map((part) => shared.get(part)?.use ?? part)
              .join(''),
          ),
        },
        { x: edge, y: barHeight + row * cellHeight, width, height: cellHeight },
      ),
    ),
    slit('c', captions, { x: edge, y: 0, width, height: barHeight }),
  ];
  const motion = [
    ...rows.map((strip, row) => motionOf(`r${row}`, strip, cellHeight, seconds, still)),
    motionOf('c', captions, barHeight, seconds, still),
    `@keyframes p{from{transform:scaleX(0)}to{transform:scaleX(1)}}.p{transform:scaleX(${(still / seconds).toFixed(3)});animation:p ${n(seconds)}s linear infinite}`,
    '@media(prefers-reduced-motion:reduce){*{animation:none!important}}',
  ];
  const [outerWidth, outerHeight] = [width + 2 * edge, height + barHeight + edge];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(outerWidth)} ${n(outerHeight)}" width="${n(outerWidth)}" height="${n(outerHeight)}">`,
    `<title>${escaped(cast.title)}</title>`,
    `<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;white-space:pre}${rowStyles}${motion.join('')}</style>`,
    `<defs>${[...shared].map(([part, { id }]) => part.replace(' ', ` id="${id}" `)).join('')}</defs>`,
    `<rect width="100%" height="100%" rx="10" fill="${palette.ground}"/>`,
    `<path d="M0 30V10Q0 0 10 0H${n(outerWidth - 10)}Q${n(outerWidth)} 0 ${n(outerWidth)} 10V30z" fill="#2a2d34"/>`,
    `<path class="p" d="M0 29h${n(outerWidth)}v2h-${n(outerWidth)}z" fill="${palette.colors[6]}"/>`,
    ...['#e06c6c', '#e8c069', '#a3be70'].map((color, index) => `<circle cx="${20 + index * 18}" cy="15" r="5.5" fill="${color}"/>`),
    ...strips,
    '</svg>\n',
  ].join('\n');
}

/** All that stands in one place, and when which of it does. */
interface Strip {
  readonly drawings: readonly string[];
  readonly changes: readonly { readonly at: number; readonly drawing: number }[];
}

function stripOf(frames: readonly Frame[], row: number): Strip {
  return strip(frames.map(({ at, rows }) => ({ at, drawing: rowDrawing(rows[row] ?? []) })));
}

function strip(moments: readonly { readonly at: number; readonly drawing: string }[]): Strip {
  const places = new Map<string, number>();
  const changes: { at: number; drawing: number }[] = [];
  for (const { at, drawing } of moments) {
    const place = places.get(drawing) ?? places.size;
    places.set(drawing, place);
    if (changes.at(-1)?.drawing !== place) changes.push({ at, drawing: place });
  }
  return { drawings: [...places.keys()], changes };
}

/** What stands in several places or at several times is drawn once. */
function sharedOf(strips: readonly Strip[]): ReadonlyMap<string, { readonly id: string; readonly use: string }> {
  const times = new Map<string, number>();
  for (const part of strips.flatMap(({ drawings }) => drawings.flatMap(partsOf))) times.set(part, (times.get(part) ?? 0) + 1);
  const repeated = [...times].flatMap(([part, count]) => (count > 1 ? [part] : []));
  return new Map(repeated.map((part, index) => [part, { id: `d${index}`, use: `<use href="#d${index}"/>` }]));
}

/** The elements of a drawing, which stand in it one after the other. */
function partsOf(drawing: string): readonly string[] {
  return drawing.match(/<(?:text .*?<\/text>|path .*?\/>)/g) ?? [];
}

/** What is told about a moment, in the middle of the window's bar, and the key that was pressed beside it. */
function captionsOf(cast: Cast): Strip {
  const middle = edge + (cast.columns * cellWidth) / 2;
  const captions = cast.events.filter(({ kind, text }) => kind === 'marker' && text !== '');
  return strip(
    captions.map(({ at, text }, index) => {
      const until = captions[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      const keys = cast.events.filter((event) => event.kind === 'input' && event.at >= at && event.at < until).map((event) => event.text);
      const key = keys.length === 1 ? (keyNames.get(keys[0] ?? '') ?? keys[0] ?? '') : '';
      return { at, drawing: caption(text, key, middle) };
    }),
  );
}

const keyNames = new Map([
  ['\r', 'enter'],
  ['\x1b', 'esc'],
]);

function caption(text: string, key: string, middle: number): string {
  const width = key === '' ? 0 : key.length * cellWidth + 14;
  const length = text.length * cellWidth;
  const from = middle - (length + width + (key === '' ? 0 : 12)) / 2;
  const textAt = key === '' ? from : from + width + 12;
  const cap = `<rect x="${n(from)}" y="5" width="${n(width)}" height="20" rx="4" fill="#1b1d22" stroke="#6b7079"/><text class="f6 b" x="${n(from + 7)}" y="19.5" textLength="${n(key.length * cellWidth)}">${escaped(key)}</text>`;
  return `${key === '' ? '' : cap}<text class="f7" x="${n(textAt)}" y="19.5" textLength="${n(length)}">${escaped(text)}</text>`;
}

/** A window onto a strip. */
function slit(name: string, { drawings }: Strip, place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): string {
  const drawn = drawings.map((drawing, index) =>
    drawing === '' ? '' : index === 0 ? drawing : `<g transform="translate(0 ${index * place.height})">${drawing}</g>`,
  );
  return `<svg x="${place.x}" y="${place.y}" width="${n(place.width)}" height="${place.height}"><g class="${name}">${drawn.join('')}</g></svg>`;
}

function motionOf(name: string, { changes }: Strip, step: number, seconds: number, still: number): string {
  const shown = changes.findLast(({ at }) => at <= still)?.drawing ?? 0;
  const at = (drawing: number) => `transform:translateY(${drawing === 0 ? 0 : `${-drawing * step}px`})`;
  if (changes.length < 2) return '';
  const frames = changes.map(({ at: moment, drawing }, index) => `${index === 0 ? 0 : Number(((moment / seconds) * 100).toFixed(2))}%{${at(drawing)}}`);
  const last = changes.at(-1)?.drawing ?? 0;
  return `@keyframes ${name}{${frames.join('')}to{${at(last)}}}.${name}{${at(shown)};animation:${name} ${n(seconds)}s step-end infinite}`;
}
