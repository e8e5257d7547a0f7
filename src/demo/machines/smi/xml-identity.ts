import type { Machine } from '../../controllers/machines.js';
import { hash, hex } from '../../monitoring/model/hash.js';
import type { GpuReading } from '../gpu-readings.js';
import { type Element, el, leaves } from './xml-element.js';

/** From the product's name to the PCI link. `mig` stands where the driver puts it. */
export function identitySections({ device, kind, busy }: GpuReading, { driver, linux }: Pick<Machine, 'driver' | 'linux'>, mig: readonly Element[]): Element[] {
  const [, bus = '00'] = device.pciBusId.split(':');
  return [
    ...leaves({
      product_name: kind.name,
      product_brand: 'NVIDIA',
      product_architecture: kind.architecture,
      display_mode: 'Requested functionality has been deprecated',
      display_attached: 'No',
      display_active: 'Disabled',
      persistence_mode: linux.persistence ? 'Enabled' : 'Disabled',
      addressing_mode: 'HMM',
    }),
    ...mig,
    ...leaves({ accounting_mode: 'Disabled', accounting_mode_buffer_size: '4000' }),
    el('driver_model', leaves({ current_dm: 'N/A', pending_dm: 'N/A' })),
    ...leaves({
      serial: serialOf(device.uuid),
      uuid: device.uuid,
      pdi: `0x${hex(`${device.uuid}/pdi`, 16)}`,
      minor_number: device.index,
      vbios_version: kind.vbios,
      multigpu_board: 'No',
      board_id: `0x${Number.parseInt(bus, 16).toString(16)}00`,
      board_part_number: kind.boardPartNumber,
      gpu_part_number: kind.partNumber,
      gpu_fru_part_number: 'N/A',
    }),
    el(
      'platformInfo',
      leaves({
        chassis_serial_number: 'N/A',
        slot_number: 'N/A',
        tray_index: 'N/A',
        host_id: 'N/A',
        peer_type: 'N/A',
        module_id: (device.index % 8) + 1,
        gpu_fabric_guid: 'N/A',
      }),
    ),
    el('inforom_version', leaves({ img_version: kind.image, oem_object: '2.1', ecc_object: '7.16', pwr_object: 'N/A' })),
    el('inforom_bbx_flush', leaves({ latest_timestamp: 'N/A', latest_duration: 'N/A' })),
    el('gpu_operation_mode', leaves({ current_gom: 'N/A', pending_gom: 'N/A' })),
    el('c2c_mode', 'N/A'),
    el('gpu_virtualization_mode', leaves({ virtualization_mode: 'None', host_vgpu_mode: 'N/A', vgpu_heterogeneous_mode: 'N/A' })),
    el('gpu_recovery_action', 'None'),
    el('gsp_firmware_version', driver.module),
    el('ibmnpu', leaves({ relaxed_ordering_mode: 'N/A' })),
    el('pci', [
      ...leaves({
        pci_bus: bus,
        pci_device: '00',
        pci_domain: '0000',
        pci_base_class: '3',
        pci_sub_class: '2',
        pci_device_id: kind.pciDevice,
        pci_bus_id: device.pciBusId,
        pci_sub_system_id: kind.pciSubsystem,
      }),
      el('pci_gpu_link_info', [
        el('pcie_gen', [
          ...leaves({
            max_link_gen: kind.pcieGeneration,
            current_link_gen: kind.pcieGeneration,
            device_current_link_gen: kind.pcieGeneration,
            max_device_link_gen: kind.pcieGeneration,
            max_host_link_gen: kind.pcieGeneration,
          }),
        ]),
        el('link_widths', leaves({ max_link_width: '16x', current_link_width: '16x' })),
      ]),
      el('pci_bridge_chip', leaves({ bridge_chip_type: 'N/A', bridge_chip_fw: 'N/A' })),
      ...leaves({
        replay_counter: 0,
        replay_rollover_counter: 0,
        // The same bytes as DCGM's counters of the link, in KB/s.
        tx_util: `${Math.round((busy * 4.1e7) / 1000) + 350} KB/s`,
        rx_util: `${Math.round((busy * 2.6e8) / 1000) + 300} KB/s`,
        atomic_caps_outbound: 'N/A',
        atomic_caps_inbound: 'N/A',
      }),
    ]),
  ];
}

/** Thirteen digits that belong to a board. */
export function serialOf(uuid: string): string {
  return `16${String(hash(`${uuid}/serial`))
    .padStart(11, '0')
    .slice(0, 11)}`;
}
