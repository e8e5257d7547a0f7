import { describe, expect, it } from 'vitest';
import { parseXidLog, xidMeaning } from '../../src/gpu/xid.js';

describe('an Xid line', () => {
  it('gives code, board, process and time, as journalctl -o short-unix prints it', () => {
    const line = '1793628131.250000 gpu-1 kernel: NVRM: Xid (PCI:0000:41:00): 79, pid=1234, name=python3, GPU has fallen off the bus.';
    expect(parseXidLog(`booting\n${line}\nNVRM: GPU 0000:41:00.0: GPU has fallen off the bus.\n`)).toEqual([
      { at: 1793628131250, code: 79, pciBusId: '0000:41:00', pid: 1234, line },
    ]);
  });

  it.each([
    ["[ 1021.5] NVRM: Xid (PCI:0000:0b:00): 13, pid='<unknown>', name=<unknown>, Graphics SM Warp Exception", 13, null, null],
    ['[Mon Nov  2 14:02:11 2026] NVRM: Xid (PCI:0000:c1:00): 31, pid=77, name=a, Ch 0000000a', 31, 77, null],
    ['2026-11-02T14:02:11+0000 gpu-1 kernel: NVRM: Xid (PCI:0000:41:00): 48, An uncorrectable double bit error', 48, null, Date.UTC(2026, 10, 2, 14, 2, 11)],
    ['Nov  2 14:02:11 gpu-1 kernel: NVRM: Xid (0000:41:00): 62, 3f0f(2d00) 00000000 00000000', 62, null, null],
    ['NVRM: Xid (PCI:00000001:41:00.0): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)', 154, null, null],
  ])('is understood in its older and newer forms: %s', (line, code, pid, at) => {
    expect(parseXidLog(line)).toMatchObject([{ code, pid, at }]);
  });

  it('has the time since boot where that is known', () => {
    expect(parseXidLog('[   12.500000] NVRM: Xid (PCI:0000:41:00): 119, pid=1, Timeout', 1_000_000)).toMatchObject([{ at: 1_012_500 }]);
  });

  it('counts once for each code in it, and other lines not at all', () => {
    expect(parseXidLog('NVRM: Xid (PCI:0000:41:00): 45, x NVRM: Xid (PCI:0000:42:00): 79, y').map(({ code }) => code)).toEqual([45, 79]);
    expect(parseXidLog('NVRM: Xid (PCI:0000:41:00): none\nSXid (PCI:0000:41:00): 12028\nXid of nothing')).toEqual([]);
  });

  it('brings no escape sequence to the screen', () => {
    expect(parseXidLog('NVRM: Xid (PCI:0000:41:00): 31, \u001b[2Jname=\u202ex')).toMatchObject([{ line: 'NVRM: Xid (PCI:0000:41:00): 31, name=x' }]);
  });
});

describe('an Xid code', () => {
  it.each([
    8, 13, 31, 32, 38, 43, 44, 45, 48, 56, 57, 58, 61, 62, 63, 64, 68, 69, 74, 79, 92, 94, 95, 109, 110, 119, 120, 121, 122, 123, 124, 137, 140, 143, 144, 149,
    150, 151, 154, 155, 156, 158,
  ])('%i has a meaning, a cause and an action', (code) => {
    const { meaning, cause, action } = xidMeaning(code);
    for (const text of [meaning, cause, action]) expect(text.length).toBeGreaterThan(5);
    expect(meaning).not.toMatch(/not in the list/);
  });

  it('of a program leaves the GPU in peace, one of the bus does not', () => {
    expect(xidMeaning(43)).toMatchObject({ severity: 'application' });
    expect(xidMeaning(79)).toMatchObject({ severity: 'critical', action: expect.stringContaining('power it off and on') });
  });

  it('that nobody knows says so', () => {
    expect(xidMeaning(999)).toMatchObject({ code: 999, meaning: 'not in the list of known Xid errors' });
  });
});
