import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCatalogue } from '../../src/runbooks/load.js';

const assets = join(import.meta.dirname, '..', '..', 'assets');

/** What a line of a step's script may begin with, besides the prelude's functions and its own: words of bash, and programs of the hosts. */
const known = new Set(
  `if else elif fi case esac while until for do done function local export exit break continue command trap wait umask mapfile cd
  jq kubectl helm velero kubeadm crictl containerd docker buildah skopeo haproxy systemctl journalctl timedatectl getent swapon swapoff sysctl ufw crontab findmnt mountpoint
  exportfs depmod modinfo dpkg gpg curl tar gzip awk sed grep cat cp mv rm rmdir mkdir install find chmod cmp diff head kill setsid sleep printf xargs def`.split(
    /\s+/,
  ),
);

it('no script of a step calls something that there is not', () => {
  const prelude = readFileSync(join(assets, 'runbooks', 'prelude.sh'), 'utf8');
  const functions = new Set([...prelude.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name = '']) => name));
  const strange = loadCatalogue({ assets, own: null }).playbooks.flatMap(({ steps }) =>
    steps.flatMap((step) =>
      [step.check, step.apply, step.verify, step.undo].flatMap((script) =>
        [...(script ?? '').replaceAll('\\\n', ' ').matchAll(/^\s*([a-z_]+)(?=\s|$)/gm)].flatMap(([, word = '']) =>
          known.has(word) || functions.has(word) || script?.includes(`${word}()`) === true ? [] : [`${step.id}: ${word}`],
        ),
      ),
    ),
  );
  // Words within texts and other languages that happen to stand at the beginning of a line.
  expect(strange.filter((found) => !['host-ports: port', 'podgc-threshold: mine'].includes(found))).toEqual([]);
});
