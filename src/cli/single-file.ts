// The main script of the single executable. Node runs it as CommonJS from inside the binary, where modules cannot be loaded from; so the program's files are
// unpacked once, into a folder of the user's own, and loaded from there exactly as from an installed package.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getAsset, getAssetKeys } from 'node:sea';

/** Key of the asset that tells one build from another. */
const buildKey = 'build';

try {
  const home = unpacked();
  createRequire(join(home, 'package.json'))(join(home, 'dist', 'start.cjs'));
} catch (error) {
  process.stderr.write(`gpuk8s-tui: cannot unpack itself: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

/** The folder with the program's files. Throws where it can be written nowhere. */
function unpacked(): string {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gpuk8s-tui');
  const folder = join(cache, `program-${getAsset(buildKey, 'utf8')}`);
  try {
    if (isOurs(folder)) return folder;
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const making = mkdtempSync(join(cache, 'unpacking-'));
    unpackInto(making);
    try {
      // Whole or not at all: two that start at once must not see each other's half.
      renameSync(making, folder);
    } catch (error) {
      rmSync(making, { recursive: true, force: true });
      if (!isOurs(folder)) throw error;
    }
    return folder;
  } catch {
    // A home that cannot be written, or none: for this one run.
    const folder = mkdtempSync(join(tmpdir(), 'gpuk8s-tui-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    unpackInto(folder);
    return folder;
  }
}

/** Code is loaded only from what nobody else can have written. */
function isOurs(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${folder} can be written by others`);
  return true;
}

function unpackInto(folder: string): void {
  chmodSync(folder, 0o700);
  for (const key of getAssetKeys()) {
    if (key === buildKey) continue;
    const file = join(folder, key);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, new Uint8Array(getAsset(key)), { mode: 0o600 });
  }
}
