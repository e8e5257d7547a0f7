import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { animated } from './animation.js';
import { castSeconds, readCast, writeCast } from './asciicast.js';
import { framesOf } from './frames.js';
import { posterAt, story } from './story.js';

const pictures = join(import.meta.dirname, '..', '..', 'assets', 'pictures');
const file = readFileSync(join(pictures, 'reboot.cast'), 'utf8');
const cast = readCast(file);

describe('the recorded visit', { timeout: 60_000 }, () => {
  it('is kept as asciicast, one minute long', () => {
    expect(JSON.parse(file.slice(0, file.indexOf('\n')))).toMatchObject({ version: 2, width: 120, height: 34 });
    expect(writeCast(cast)).toBe(file);
    expect(castSeconds(cast)).toBeGreaterThan(40);
    expect(castSeconds(cast)).toBeLessThan(65);
  });

  it('tells the whole story, each scene with what it says', async () => {
    const frames = (await framesOf(cast)).map(({ at, rows }) => ({ at, text: rows.map((cells) => cells.map(({ text }) => text).join('')).join('\n') }));
    const scenes = cast.events.filter(({ kind }) => kind === 'marker');
    for (const [index, { caption, until }] of story.entries()) {
      const [from, to] = [scenes[index]?.at ?? 0, scenes[index + 1]?.at ?? 0];
      expect(scenes[index]?.text).toBe(caption);
      // What was waited for comes with the last picture of its scene.
      const shown = frames.filter((frame, place) => frame.at < to + 0.3 && (frames[place + 1]?.at ?? to) >= from);
      expect({ caption, isSeen: shown.some(({ text }) => until.test(text)) }).toEqual({ caption, isSeen: true });
    }
  });

  it('is what the picture shows, a strip for each row, with a still for those who want none moving', async () => {
    const picture = readFileSync(join(pictures, 'reboot.svg'), 'utf8');
    expect(await animated(cast, posterAt(cast))).toBe(picture);
    expect(picture.match(/@keyframes r\d+/g)).toHaveLength(cast.rows);
    expect(picture).toContain('prefers-reduced-motion');
    expect(picture.length).toBeLessThan(400_000);
  });
});
