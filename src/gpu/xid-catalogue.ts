/** What is known of an Xid code. `application`: the program is at fault as a rule and the GPU stays healthy; `warning`: watch it; `critical`: the GPU needs a reset, a reboot or a person. */
export interface XidEntry {
  readonly meaning: string;
  readonly cause: string;
  readonly action: string;
  readonly severity: 'application' | 'warning' | 'critical';
}

// After NVIDIA's Xid catalogue (docs.nvidia.com/deploy/xid-errors) and its notes on GPU memory errors (docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt).
const restart = 'restart the application; if it comes back with other applications too, look at the hardware';
const reset = 'drain the node and reset the GPU (nvidia-smi --gpu-reset), or reboot; if it comes back, open a case';
const support = 'drain the node, save nvidia-bug-report.sh and open a case';
const fabric = 'drain the node and reset all GPUs of the fabric, or reboot; look at Fabric Manager and the NVLink bridges or switches if it comes back';

const gsp = 'drain the node and reset the GPU, or reboot; update the driver; if it comes back, open a case';
const flash = 'drain the node and reboot; update the firmware of the board; if it comes back, open a case';

const application = (meaning: string, cause: string, action = restart): XidEntry => ({ meaning, cause, action, severity: 'application' });
const warning = (meaning: string, cause: string, action: string): XidEntry => ({ meaning, cause, action, severity: 'warning' });
const critical = (meaning: string, cause: string, action = reset): XidEntry => ({ meaning, cause, action, severity: 'critical' });

export const xidCatalogue: ReadonlyMap<number, XidEntry> = new Map([
  [6, application('a stream of commands to the GPU was corrupted', 'application or driver')],
  [7, application('an address in the stream of commands to the GPU was corrupted', 'application or driver')],
  [8, application('the GPU stopped processing: a channel ran into its time limit', 'application, driver, or heat')],
  [11, application('a stream of commands to the GPU was invalid or corrupted', 'application or driver')],
  [
    13,
    application(
      'graphics engine exception: an access out of bounds, or an illegal instruction',
      'application; seldom the driver or the hardware',
      'run the application under compute-sanitizer; if several programs have it on the same GPU, run dcgmi diag -r 3',
    ),
  ],
  [16, warning('the display engine hung', 'driver', support)],
  [18, warning('error of the bus interface', 'driver or system firmware', support)],
  [24, application('graphics engine error: a semaphore ran into its time limit', 'application or driver')],
  [25, application('graphics engine error: a stream of commands was illegal', 'application or driver')],
  [27, application('video processor error', 'application or driver')],
  [
    31,
    application(
      'GPU memory page fault: an access to an address that is not mapped',
      'application; seldom the driver or the hardware',
      'run the application under compute-sanitizer or cuda-gdb',
    ),
  ],
  [
    32,
    application(
      'a stream of commands to the GPU was invalid or corrupted',
      'application, driver, or the PCIe bus',
      'restart the application; if it comes back, look for PCIe errors in the kernel log',
    ),
  ],
  [37, warning('firmware error of the graphics engine', 'driver', support)],
  [38, warning('firmware error of the graphics engine', 'driver', 'restart the application and update the driver; if it comes back, open a case')],
  ...engine([39, 40, 41, 70, 71, 72, 75, 76, 77, 85], 'copy engine'),
  [42, application('error of the video image compositor (VIC)', 'application or driver')],
  [
    43,
    application(
      'the GPU stopped processing: a channel was reset after a fault of its program',
      'application',
      'restart the application; the GPU itself is healthy',
    ),
  ],
  [44, application('fault of the graphics engine while it switched contexts', 'application or driver')],
  [
    45,
    application(
      'channels were cleaned up, after an earlier error or because the program ended',
      'follows from another Xid, or from ctrl-c and kill',
      'look at the Xid before it; alone it needs no action',
    ),
  ],
  [46, critical('the GPU stopped processing', 'driver, or the hardware')],
  ...engine([47, 65, 73], 'video encoder (NVENC)'),
  [
    48,
    critical(
      'double bit ECC error: memory that could not be corrected',
      'the memory of the GPU',
      'drain the node and reset the GPU, so that the page is retired or the row remapped (see Xid 63 and 64); replace the board if it comes back',
    ),
  ],
  [
    54,
    critical('the external power cables are not connected as they should be', 'power cabling', 'shut the machine down and check the power cables of the GPU'),
  ],
  [56, warning('display engine error', 'driver or hardware', support)],
  [57, critical('error of the memory interface: link training failed', 'the hardware, or its firmware', support)],
  [58, critical('error of the memory interface: it is unstable', 'the hardware', support)],
  [59, critical('error of the power management unit (older drivers)', 'driver or firmware')],
  [60, application('error of the security engine (SEC2)', 'driver or firmware')],
  [61, critical('breakpoint or warning of the internal microcontroller', 'driver or firmware')],
  [62, critical('the internal microcontroller halted', 'driver, firmware or the hardware')],
  [
    63,
    warning(
      'a memory row was marked for remapping, or a page retired',
      'the memory of the GPU, dealt with',
      'nothing now; reset the GPU at the next maintenance window, so that it takes effect',
    ),
  ],
  [
    64,
    critical(
      'retiring a memory page or remapping a row failed',
      'the memory of the GPU has no spare rows left, or the record could not be written',
      'drain the node and reset the GPU; replace the board if remapping still fails',
    ),
  ],
  [66, application('illegal access by the driver', 'application or driver')],
  [67, application('illegal access by the driver', 'application or driver')],
  ...engine([68, 83, 84, 88, 89, 96, 97, 98], 'video decoder (NVDEC)'),
  [69, application('graphics engine class error', 'application or driver')],
  [74, critical('NVLink error', 'a GPU at either end, the bridge or switch between them, or a signal that is too weak', fabric)],
  [78, warning('a vGPU could not be started', 'the drivers of host and guest do not fit', 'compare the drivers of host and guest')],
  [
    79,
    critical(
      'the GPU has fallen off the bus: it does not answer over PCIe any more',
      'PCIe link, power supply, heat, or the board',
      'drain the node and power it off and on; check seating, power cables and cooling; replace the board if it comes back',
    ),
  ],
  [80, critical('corrupted data was sent to the GPU', 'PCIe bus, or the hardware')],
  [81, warning('error of the VGA subsystem', 'driver or hardware', support)],
  ...engine([82, 99, 100, 101, 102, 103, 104, 105], 'JPEG decoder (NVJPG)'),
  [86, application('optical flow engine (OFA) error', 'application or driver')],
  [
    92,
    warning(
      'many single bit ECC errors',
      'the memory of the GPU; all were corrected',
      'run dcgmi diag -r 3 at the next maintenance window; replace the board if it goes on',
    ),
  ],
  [93, warning('the infoROM was written too often', 'a program that writes to the infoROM', 'nothing, if it does not come back')],
  [
    94,
    application(
      'a memory error that could not be corrected, contained to the programs that had it',
      'the memory of the GPU',
      'restart the application; reset the GPU at the next maintenance window',
    ),
  ],
  [
    95,
    critical(
      'a memory error that could not be corrected nor contained: all programs on the GPU are hit',
      'the memory of the GPU',
      'drain the node and reset the GPU; reboot if the reset fails',
    ),
  ],
  [
    109,
    application('a context switch ran into its time limit', 'application, driver or the hardware', 'restart the application; reset the GPU if it comes back'),
  ],
  [110, critical('security fault', 'firmware, or the hardware', support)],
  [119, critical("a call to the GPU's system processor (GSP) ran into its time limit", 'GSP firmware, or the hardware', gsp)],
  [120, critical("error in the GPU's system processor (GSP)", 'GSP firmware, or the hardware', gsp)],
  [
    121,
    warning(
      'corrected error of the C2C link between CPU and GPU',
      'the link; the error was corrected',
      'nothing now; reset the GPU at the next maintenance window',
    ),
  ],
  [122, critical("the board's flash memory could not be read", 'firmware, or the hardware', flash)],
  [123, critical("the board's flash memory could not be written", 'firmware, or the hardware', flash)],
  [124, critical("the board's flash memory could not be erased", 'firmware, or the hardware', flash)],
  [125, critical('error in the file system of the infoROM', 'the infoROM', 'drain the node and reboot; replace the board if it comes back')],
  [
    137,
    application(
      'an access to the memory of another GPU over NVLink was refused',
      'the program on the other GPU: look for its Xid 31 or 13',
      'restart the application; look at the Xids of the other GPUs',
    ),
  ],
  [140, critical('ECC error that the driver did not recover from', 'the memory of the GPU')],
  [
    143,
    critical(
      'the GPU could not be initialized',
      'firmware, or the hardware',
      'drain the node and reboot; power it off and on if it comes back, then open a case',
    ),
  ],
  [144, critical('NVLink error (SAW)', 'NVLink or its switch', fabric)],
  [145, critical('NVLink error (RLW)', 'NVLink or its switch', fabric)],
  [146, critical('NVLink error (TLW)', 'NVLink or its switch', fabric)],
  [147, critical('NVLink error (TREX)', 'NVLink or its switch', fabric)],
  [148, critical('NVLink error (NVLPW control)', 'NVLink or its switch', fabric)],
  [149, critical('NVLink error (NETIR): a link went down or did not come up', 'NVLink, its cable or its switch', fabric)],
  [150, critical('NVLink error (MSE)', 'NVLink or its switch', fabric)],
  [151, critical('the key rotation of confidential computing failed', 'firmware', support)],
  [152, warning('memory management error of the deep learning accelerator (DLA)', 'application or driver', restart)],
  [153, warning('the deep learning accelerator (DLA) ran into its time limit', 'application or driver', restart)],
  [
    154,
    warning(
      'the recovery that the GPU asks for has changed; the line names it',
      'follows from the Xid before it',
      'do what the line asks for: drain and reset, reset, or reboot the node',
    ),
  ],
  [
    155,
    warning(
      'an NVLink went down for a reason that software defines',
      'the fabric was configured anew, or the GPU at the other end was reset',
      'nothing if somebody did it; else look at Fabric Manager',
    ),
  ],
  [
    156,
    warning(
      'a part of the GPU was retired',
      'the hardware, dealt with',
      'drain the node and reset the GPU at the next maintenance window; replace the board if it comes back',
    ),
  ],
  [157, critical('retiring a part of the GPU failed', 'the hardware', support)],
  [158, critical('the GPU ran into a fatal time limit', 'driver, firmware or the hardware')],
  [160, warning('a memory channel was retired', 'the memory of the GPU, dealt with', 'reset the GPU at the next maintenance window')],
  [161, critical('retiring a memory channel failed', 'the memory of the GPU', support)],
]);

function engine(codes: readonly number[], name: string): readonly (readonly [number, XidEntry])[] {
  return codes.map((code) => [code, application(`${name} error`, 'application or driver')]);
}
