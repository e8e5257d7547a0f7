import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where trees and running machines are kept; only root may look inside. */
export const workFolder = process.env['GPUK8S_TEST_HOSTS_DIR'] ?? '/var/tmp/gpuk8s-tui-test-hosts';

/** Makes the folder, and refuses one that somebody else has put there. */
export function ownWorkFolder(): string {
  mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(workFolder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error(`${workFolder} belongs to somebody else, or others may write to it`);
  return workFolder;
}

const packages = 'systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,kmod,procps,locales';

// The users: ops may use sudo without a password, pat with "secret", guest not at all. Debian's mirror of packages is not kept in the tree.
// Host keys are made for each machine; waiting for the network would only delay the start.
const script = `set -eu
[ ! -d "$1" ] || exit 0
rm -rf "$1.part"
debootstrap --variant=minbase --include=${packages} bookworm "$1.part"
chroot "$1.part" apt-get clean
chroot "$1.part" localedef -i de_DE -f UTF-8 de_DE.UTF-8
chroot "$1.part" useradd -m -s /bin/bash -u 2001 ops
chroot "$1.part" useradd -m -s /bin/bash -u 2002 pat
chroot "$1.part" useradd -m -s /bin/sh -u 2003 guest
echo 'pat:secret' | chroot "$1.part" chpasswd
echo 'ops ALL=(ALL) NOPASSWD: ALL' >"$1.part/etc/sudoers.d/ops"
echo 'pat ALL=(ALL) ALL' >"$1.part/etc/sudoers.d/pat"
chmod 440 "$1.part/etc/sudoers.d/ops" "$1.part/etc/sudoers.d/pat"
chroot "$1.part" systemctl enable systemd-networkd
chroot "$1.part" systemctl disable systemd-networkd-wait-online
rm -f "$1.part"/etc/ssh/ssh_host_* "$1.part/etc/machine-id" "$1.part/etc/hostname"
mv "$1.part" "$1"
`;

/** A Debian tree that all machines share. Built once (about a minute, 300 MB) and kept; runs that come at the same time wait for the first. */
export async function baseTree(): Promise<string> {
  const tree = join(ownWorkFolder(), `base-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`);
  await built(tree, script);
  return tree;
}

/** A copy of a tree that a script (with the copy as its first argument) has changed; built once and kept, too. */
export async function derivedTree(name: string, from: string, changes: string): Promise<string> {
  const tree = join(ownWorkFolder(), `${name}-${createHash('sha256').update(from).update(changes).digest('hex').slice(0, 12)}`);
  const build = `set -eu
[ ! -d "$1" ] || exit 0
rm -rf "$1.part"
cp -a --reflink=auto ${from} "$1.part"
sh -c "$2" sh "$1.part"
mv "$1.part" "$1"
`;
  await built(tree, build, changes);
  return tree;
}

async function built(tree: string, build: string, ...more: readonly string[]): Promise<void> {
  const builder = spawn('flock', [join(workFolder, 'lock'), 'sh', '-c', build, 'sh', tree, ...more], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  await ended(builder, 300_000);
}

function ended(child: ChildProcess, ms: number): Promise<void> {
  let said = '';
  const listen = (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // The whole group that it started.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`the tree was not built within ${ms / 1000} s: ${lastLines(said)}`));
    }, ms);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`the tree could not be built (exit ${code}): ${lastLines(said)}`));
    });
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ');
}
