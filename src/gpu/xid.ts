import type { XidEvent } from '../state/hosts.js';
import { clean } from '../text/clean.js';
import { type XidEntry, xidCatalogue } from './xid-catalogue.js';

/** What an Xid code means, what causes it as a rule, and what to do; a code that is not in NVIDIA's list says so. */
export function xidMeaning(code: number): XidEntry & { readonly code: number } {
  const entry = xidCatalogue.get(code);
  if (entry !== undefined) return { code, ...entry };
  return {
    code,
    meaning: 'not in the list of known Xid errors',
    cause: 'unknown: it may belong to a newer driver',
    action: "look it up in NVIDIA's Xid catalogue; if it comes back, open a case with the log of nvidia-bug-report.sh",
    severity: 'warning',
  };
}

/** The Xid errors in a kernel log (journalctl -k, dmesg, /var/log/kern.log), in its order. Several in one line count each. */
export function parseXidLog(log: string, bootedAt: number | null = null): readonly XidEvent[] {
  return log.split('\n').flatMap((line) => (line.includes('Xid') ? xidsOfLine(line, bootedAt) : []));
}

/**
 * `NVRM: Xid (PCI:0000:41:00): 79, pid=1234, name=python3, GPU has fallen off the bus.` and older forms: without pid, with `pid='<unknown>'`, with the address as
 * `(0000:41:00)`. The time is that of the log: journalctl -o short-unix and short-iso, or dmesg's seconds since boot where `bootedAt` (ms since the epoch) is known.
 */
function xidsOfLine(raw: string, bootedAt: number | null): readonly XidEvent[] {
  const line = clean(raw, 1000).trim();
  return [...line.matchAll(form)].flatMap(([, pciBusId = null, code, rest = '']) => {
    const number = Number(code);
    if (!Number.isInteger(number) || number < 1 || number > 999) return [];
    const pid = /^,?\s*pid='?(\d{1,10})\b/.exec(rest)?.[1];
    return [{ at: timeOf(line, bootedAt), code: number, pciBusId, pid: pid === undefined ? null : Number(pid), line }];
  });
}

const form = /NVRM:\s*Xid\s*\((?:PCI:)?((?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-9a-fA-F])?)\):\s*(\d{1,4})\b((?:(?!NVRM:\s*Xid).){0,200})/g;

function timeOf(line: string, bootedAt: number | null): number | null {
  const iso = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2}))/.exec(line)?.[1];
  if (iso !== undefined)
    return known(
      Date.parse(
        iso
          .replace(',', '.')
          .replace(' ', 'T')
          .replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
      ),
    );
  const unix = /^(\d{9,11}\.\d{1,9})\s/.exec(line)?.[1];
  if (unix !== undefined) return Math.round(Number(unix) * 1000);
  // dmesg -T and journalctl's short form are local times of that host, whose zone nobody tells: not known.
  const [, sinceBoot] = /^\[\s*(\d{1,10}\.\d{1,9})\]/.exec(line) ?? [];
  return sinceBoot === undefined || bootedAt === null ? null : bootedAt + Math.round(Number(sinceBoot) * 1000);
}

function known(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}
