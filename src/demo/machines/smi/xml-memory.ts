import type { GpuReading } from '../gpu-readings.js';
import { type Element, el, leaves } from './xml-element.js';

/** `mig_mode` and `mig_devices`. */
export function migSections({ device, kind, parts }: GpuReading): Element[] {
  const mode = Object.keys(kind.mig).length === 0 ? 'N/A' : device.mig.length > 0 ? 'Enabled' : 'Disabled';
  return [
    el('mig_mode', leaves({ current_mig: mode, pending_mig: mode })),
    parts.length === 0
      ? el('mig_devices', 'None')
      : el(
          'mig_devices',
          parts.map(({ device: part, usedMi }) => {
            const { size } = part;
            return el('mig_device', [
              ...leaves({ index: part.index, gpu_instance_id: part.gpuInstanceId, compute_instance_id: 0 }),
              el('device_attributes', [
                el(
                  'shared',
                  leaves({
                    multiprocessor_count: size.multiprocessors,
                    copy_engine_count: size.copyEngines,
                    encoder_count: 0,
                    decoder_count: size.decoders,
                    ofa_count: size.ofas,
                    jpg_count: size.jpegs,
                  }),
                ),
              ]),
              el('ecc_error_count', [el('volatile_count', leaves({ sram_uncorrectable: 0 }))]),
              el('fb_memory_usage', amounts(size.memoryMi, 0, Math.round(usedMi))),
              el('bar1_memory_usage', plain(size.bar1Mi, 0)),
            ]);
          }),
        ),
  ];
}

/** Framebuffer, BAR1, utilisation and the counters of encoders. */
export function memorySections({ device, kind, busy, usedMi }: GpuReading): Element[] {
  const none = leaves({ session_count: 0, average_fps: 0, average_latency: 0 });
  // Engines are not to be had while a GPU is cut up.
  const engine = (share: number) => (device.mig.length > 0 ? 'N/A' : `${Math.round(100 * share)} %`);
  return [
    el('fb_memory_usage', amounts(device.memory, kind.reservedMi, Math.round(usedMi))),
    el('bar1_memory_usage', plain(kind.bar1Mi, 1)),
    el('cc_protected_memory_usage', plain(0, 0)),
    el('compute_mode', 'Default'),
    el(
      'utilization',
      leaves({
        gpu_util: engine(busy),
        memory_util: engine(0.38 * busy),
        encoder_util: engine(0),
        decoder_util: engine(0),
        jpeg_util: engine(0),
        ofa_util: engine(0),
      }),
    ),
    el('encoder_stats', none),
    el('fbc_stats', none),
    el('dram_encryption_mode', leaves({ current_dram_encryption: 'N/A', pending_dram_encryption: 'N/A' })),
  ];
}

/** Error counters, retired pages and remapped rows. */
export function eccSections({ device }: GpuReading): Element[] {
  const volatileCount = device.mig.length > 0 ? 'N/A' : 0;
  const counters = (count: string | number) => ({
    sram_correctable: count,
    sram_uncorrectable_parity: count,
    sram_uncorrectable_secded: count,
    dram_correctable: count,
    dram_uncorrectable: count,
  });
  const pages = leaves({ retired_count: 'N/A', retired_pagelist: 'N/A' });
  return [
    el('ecc_mode', leaves({ current_ecc: 'Enabled', pending_ecc: 'Enabled' })),
    el('ecc_errors', [
      el('volatile', leaves(counters(volatileCount))),
      el('aggregate', leaves({ ...counters(0), sram_threshold_exceeded: 'No' })),
      el('aggregate_uncorrectable_sram_sources', leaves({ sram_l2: 0, sram_sm: 0, sram_microcontroller: 0, sram_pcie: 0, sram_other: 0 })),
      ...leaves({ channel_repair_pending: 'No', tpc_repair_pending: 'No', unrepairable_memory: 'No' }),
    ]),
    el('retired_pages', [
      el('multiple_single_bit_retirement', pages),
      el('double_bit_retirement', pages),
      ...leaves({ pending_blacklist: 'N/A', pending_retirement: 'N/A' }),
    ]),
    el('remapped_rows', [
      ...leaves({ remapped_row_corr: 0, remapped_row_unc: 0, remapped_row_pending: 'No', remapped_row_failure: 'No' }),
      el(
        'row_remapper_histogram',
        leaves({
          row_remapper_histogram_max: '640 bank(s)',
          row_remapper_histogram_high: '0 bank(s)',
          row_remapper_histogram_partial: '0 bank(s)',
          row_remapper_histogram_low: '0 bank(s)',
          row_remapper_histogram_none: '0 bank(s)',
        }),
      ),
    ]),
  ];
}

function amounts(total: number, reserved: number, used: number): Element[] {
  return leaves({ total: `${total} MiB`, reserved: `${reserved} MiB`, used: `${used} MiB`, free: `${total - reserved - used} MiB` });
}

function plain(total: number, used: number): Element[] {
  return leaves({ total: `${total} MiB`, used: `${used} MiB`, free: `${total - used} MiB` });
}
