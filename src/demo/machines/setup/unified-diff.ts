/** The difference of two texts as `diff -u` writes it, in one piece; nothing where there is none. */
export function unifiedDiff(path: string, before: string, after: string): readonly string[] {
  const [old, wanted] = [linesOf(before), linesOf(after)];
  let same = 0;
  while (same < Math.min(old.length, wanted.length) && old[same] === wanted[same]) same++;
  let tail = 0;
  while (tail < Math.min(old.length, wanted.length) - same && old.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  if (same === old.length && same === wanted.length) return [];
  const [from, behind] = [Math.max(0, same - context), Math.min(context, tail)];
  const piece = (lines: readonly string[]) => lines.length - tail + behind - from;
  return [
    `--- ${path}`,
    `+++ ${path} (as it should be)`,
    `@@ -${from + 1},${piece(old)} +${from + 1},${piece(wanted)} @@`,
    ...old.slice(from, same).map((line) => ` ${line}`),
    ...old.slice(same, old.length - tail).map((line) => `-${line}`),
    ...wanted.slice(same, wanted.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - tail + behind).map((line) => ` ${line}`),
  ];
}

const context = 3;

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
