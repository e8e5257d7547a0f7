/** fstab with its swap lines commented out, marked as ours so that they can be told from those of others. */
export function withoutSwap(fstab: string): string {
  return fstab.replace(/^[^\S\n]*[^#\s]\S*[^\S\n]+\S+[^\S\n]+swap(?:[^\S\n].*)?$/gm, (line) => `#gpuk8s ${line}`);
}

/** Mount points that fstab mounts at boot and that /proc/mounts does not have; both escape spaces alike. */
export function missingMounts(fstab: string, mounts: string): readonly string[] {
  const mounted = new Set(mounts.split('\n').map((line) => line.split(' ')[1] ?? ''));
  return fstab.split('\n').flatMap((line) => {
    const [source = '', target = '', type = '', options = ''] = line.trim().split(/\s+/);
    if (source === '' || source.startsWith('#') || !target.startsWith('/') || type === 'swap') return [];
    const place = target.length > 1 ? target.replace(/\/+$/, '') : target;
    return mounted.has(place) || /(?:^|,)(?:noauto|x-systemd\.automount)(?:,|$)/.test(options) ? [] : [place];
  });
}
