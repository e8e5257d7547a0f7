/** Small documents of `nvidia-smi -q -x`, made by hand after the layout that the named driver writes for the named board. */

/** Tesla K20Xm, driver 319.37: memory_usage in MB, compute_processes, no performance of encoders, no MIG. */
export const k20Driver319 = document(
  'v4',
  '319.37',
  null,
  gpu('0000:05:00.0', [
    '<product_name>Tesla K20Xm</product_name><persistence_mode>Enabled</persistence_mode><serial>0322212000000</serial><uuid>GPU-20000000-0000-4000-8000-000000000001</uuid>',
    '<fan_speed>N/A</fan_speed><performance_state>P0</performance_state>',
    '<clocks_throttle_reasons><clocks_throttle_reason_gpu_idle>Not Active</clocks_throttle_reason_gpu_idle><clocks_throttle_reason_user_defined_clocks>Active</clocks_throttle_reason_user_defined_clocks><clocks_throttle_reason_sw_power_cap>Active</clocks_throttle_reason_sw_power_cap><clocks_throttle_reason_hw_slowdown>Not Active</clocks_throttle_reason_hw_slowdown></clocks_throttle_reasons>',
    '<memory_usage><total>5759 MB</total><used>1310 MB</used><free>4449 MB</free></memory_usage>',
    '<utilization><gpu_util>97 %</gpu_util><memory_util>41 %</memory_util></utilization>',
    '<ecc_mode><current_ecc>Enabled</current_ecc><pending_ecc>Enabled</pending_ecc></ecc_mode>',
    '<ecc_errors><volatile><single_bit><device_memory>3</device_memory><total>3</total></single_bit><double_bit><device_memory>1</device_memory><total>1</total></double_bit></volatile><aggregate><single_bit><total>90</total></single_bit><double_bit><total>9</total></double_bit></aggregate></ecc_errors>',
    '<temperature><gpu_temp>52 C</gpu_temp></temperature>',
    '<power_readings><power_state>P0</power_state><power_draw>187.44 W</power_draw><power_limit>235.00 W</power_limit><enforced_power_limit>225.00 W</enforced_power_limit></power_readings>',
    '<clocks><graphics_clock>732 MHz</graphics_clock><sm_clock>732 MHz</sm_clock><mem_clock>2600 MHz</mem_clock></clocks>',
    '<compute_processes><process_info><pid>4242</pid><process_name>./nbody &lt;1&gt;</process_name><used_memory>1290 MB</used_memory></process_info></compute_processes>',
  ]),
);

/** GeForce GTX 1080, driver 440.82, idle on a desk: no ECC, no serial number. */
export const gtx1080Driver440 = document(
  'v10',
  '440.82',
  '10.2',
  gpu('00000000:01:00.0', [
    '<product_name>GeForce GTX 1080</product_name><persistence_mode>Disabled</persistence_mode><display_active>Enabled</display_active><serial>N/A</serial><uuid>GPU-10800000-0000-4000-8000-000000000001</uuid>',
    '<gpu_virtualization_mode><virtualization_mode>None</virtualization_mode></gpu_virtualization_mode>',
    '<fan_speed>120 %</fan_speed><performance_state>P8</performance_state><compute_mode>Default</compute_mode>',
    '<clocks_throttle_reasons><clocks_throttle_reason_gpu_idle>Active</clocks_throttle_reason_gpu_idle></clocks_throttle_reasons>',
    '<fb_memory_usage><total>8116 MiB</total><used>300 MiB</used><free>7816 MiB</free></fb_memory_usage>',
    '<utilization><gpu_util>0 %</gpu_util><memory_util>1 %</memory_util></utilization>',
    '<ecc_mode><current_ecc>N/A</current_ecc></ecc_mode>',
    '<ecc_errors><volatile><single_bit><total>N/A</total></single_bit><double_bit><total>N/A</total></double_bit></volatile></ecc_errors>',
    '<temperature><gpu_temp>41 C</gpu_temp><gpu_temp_slow_threshold>96 C</gpu_temp_slow_threshold></temperature>',
    '<power_readings><power_draw>8.21 W</power_draw><power_limit>180.00 W</power_limit><enforced_power_limit>180.00 W</enforced_power_limit></power_readings>',
    '<clocks><sm_clock>139 MHz</sm_clock><mem_clock>405 MHz</mem_clock></clocks>',
    '<supported_clocks><supported_mem_clock><value>5005 MHz</value></supported_mem_clock></supported_clocks>',
    '<processes><process_info><pid>1208</pid><type>G</type><process_name>/usr/lib/xorg/Xorg -a & -b <x></process_name><used_memory>140 MiB</used_memory></process_info></processes>',
  ]),
);

/** A100-SXM4-40GB, driver 525.125.06, MIG mode with a 3g.20gb and a 1g.5gb, a process on the first. */
export const a100MigDriver525 = document(
  'v12',
  '525.125.06',
  '12.0',
  gpu('00000000:07:00.0', [
    '<product_name>NVIDIA A100-SXM4-40GB</product_name><persistence_mode>Enabled</persistence_mode><serial>1560000000001</serial><uuid>GPU-a1000000-0000-4000-8000-000000000001</uuid>',
    '<mig_mode><current_mig>Enabled</current_mig><pending_mig>Disabled</pending_mig></mig_mode>',
    `<mig_devices>${migDevice(0, 2, 0, 42, 19968, 8210)}${migDevice(1, 7, 0, 14, 4864, 6)}</mig_devices>`,
    '<fan_speed>N/A</fan_speed><performance_state>P0</performance_state><compute_mode>Default</compute_mode><display_active>Disabled</display_active>',
    '<clocks_throttle_reasons>N/A</clocks_throttle_reasons>',
    '<fb_memory_usage><total>40960 MiB</total><reserved>610 MiB</reserved><used>8216 MiB</used><free>32133 MiB</free></fb_memory_usage>',
    '<utilization><gpu_util>N/A</gpu_util><memory_util>N/A</memory_util></utilization>',
    '<ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode>',
    '<ecc_errors><volatile><sram_correctable>N/A</sram_correctable><sram_uncorrectable>N/A</sram_uncorrectable><dram_correctable>N/A</dram_correctable><dram_uncorrectable>N/A</dram_uncorrectable></volatile></ecc_errors>',
    '<remapped_rows><remapped_row_corr>0</remapped_row_corr><remapped_row_unc>1</remapped_row_unc><remapped_row_pending>Yes</remapped_row_pending><remapped_row_failure>No</remapped_row_failure></remapped_rows>',
    '<temperature><gpu_temp>48 C</gpu_temp><gpu_temp_slow_threshold>89 C</gpu_temp_slow_threshold></temperature>',
    '<power_readings><power_draw>141.08 W</power_draw><power_limit>400.00 W</power_limit></power_readings>',
    '<processes><process_info><gpu_instance_id>2</gpu_instance_id><compute_instance_id>0</compute_instance_id><pid>77123</pid><type>C</type><process_name>python3</process_name><used_memory>8190 MiB</used_memory></process_info></processes>',
  ]),
);

/** One of the GPUs of an H100 machine, driver 570.124.06: power in gpu_power_readings, no slowdown temperature but a distance to it, errors by kind of memory. */
export function h100Driver570Gpu(busId: string, { index = 0, recovery = 'None' }: { readonly index?: number; readonly recovery?: string } = {}): string {
  return gpu(busId, [
    `<product_name>NVIDIA H100 80GB HBM3</product_name><persistence_mode>Enabled</persistence_mode><serial>165000000000${index}</serial><uuid>GPU-b1000000-0000-4000-8000-00000000000${index}</uuid>`,
    '<mig_mode><current_mig>Disabled</current_mig><pending_mig>Disabled</pending_mig></mig_mode><mig_devices>None</mig_devices>',
    `<gpu_virtualization_mode><virtualization_mode>Pass-Through</virtualization_mode></gpu_virtualization_mode><gpu_recovery_action>${recovery}</gpu_recovery_action>`,
    '<fan_speed>N/A</fan_speed><performance_state>P0</performance_state><compute_mode>Exclusive_Process</compute_mode><display_active>Disabled</display_active>',
    '<clocks_event_reasons><clocks_event_reason_gpu_idle>Not Active</clocks_event_reason_gpu_idle><clocks_event_reason_sw_power_cap>Active</clocks_event_reason_sw_power_cap><clocks_event_reason_hw_thermal_slowdown>Active</clocks_event_reason_hw_thermal_slowdown></clocks_event_reasons>',
    '<fb_memory_usage><total>81559 MiB</total><reserved>469 MiB</reserved><used>60021 MiB</used><free>21069 MiB</free></fb_memory_usage>',
    '<utilization><gpu_util>99 %</gpu_util><memory_util>61 %</memory_util></utilization>',
    '<ecc_mode><current_ecc>Enabled</current_ecc></ecc_mode>',
    '<ecc_errors><volatile><sram_correctable>1</sram_correctable><sram_uncorrectable_parity>2</sram_uncorrectable_parity><sram_uncorrectable_secded>3</sram_uncorrectable_secded><dram_correctable>4</dram_correctable><dram_uncorrectable>5</dram_uncorrectable></volatile><aggregate><dram_uncorrectable>500</dram_uncorrectable></aggregate></ecc_errors>',
    '<temperature><gpu_temp>71 C</gpu_temp><gpu_temp_tlimit>16 C</gpu_temp_tlimit><gpu_temp_slow_tlimit_threshold>-2 C</gpu_temp_slow_tlimit_threshold></temperature>',
    '<gpu_power_readings><power_state>P0</power_state><power_draw>691.20 W</power_draw><current_power_limit>700.00 W</current_power_limit></gpu_power_readings><module_power_readings><power_draw>N/A</power_draw></module_power_readings>',
    '<clocks><sm_clock>1755 MHz</sm_clock><mem_clock>2619 MHz</mem_clock></clocks>',
    '<processes></processes>',
  ]);
}

/** Two GPUs of an H100 machine. */
export const h100Driver570 = document('v12', '570.124.06', '12.8', h100Driver570Gpu('00000000:19:00.0'), h100Driver570Gpu('00000000:3B:00.0', { index: 1 }));

/** B200, driver 595.58.03: two kinds of power draw, words for what is gone, a process whose memory may not be seen. */
export const b200Driver595 = document(
  'v13',
  '595.58.03',
  '13.2',
  gpu('00000000:1B:00.0', [
    '<product_name>NVIDIA B200</product_name><display_mode>Requested functionality has been deprecated</display_mode><persistence_mode>Enabled</persistence_mode><serial>1650000000042</serial><uuid>GPU-b2000000-0000-4000-8000-000000000001</uuid>',
    '<fan_speed>[Not Supported]</fan_speed><performance_state>P0</performance_state>',
    '<clocks_event_reasons><clocks_event_reason_gpu_idle>Active</clocks_event_reason_gpu_idle></clocks_event_reasons>',
    '<fb_memory_usage><total>183359 MiB</total><used>0 MiB</used><free>182642 MiB</free></fb_memory_usage>',
    '<utilization><gpu_util>0 %</gpu_util><memory_util>0 %</memory_util></utilization>',
    '<temperature><gpu_temp>29 C</gpu_temp></temperature>',
    '<gpu_power_readings><power_state>Requested functionality has been deprecated</power_state><average_power_draw>N/A</average_power_draw><instant_power_draw>138.51 W</instant_power_draw><current_power_limit>1000.00 W</current_power_limit></gpu_power_readings>',
    '<processes><process_info><gpu_instance_id>N/A</gpu_instance_id><pid>9001</pid><type>C</type><process_name>[Not Found]</process_name><used_memory>Insufficient Permissions</used_memory></process_info><process_info><pid>N/A</pid></process_info></processes>',
  ]),
);

/** GRID T4-8Q in a Windows guest, driver 538.15: most of the board belongs to the host. */
export const vgpuGuestDriver538 = document(
  'v12',
  '538.15',
  '12.2',
  gpu('00000000:02:02.0', [
    '<product_name>GRID T4-8Q</product_name><persistence_mode>N/A</persistence_mode><uuid>GPU-88880000-0000-4000-8000-000000000001</uuid><serial>N/A</serial>',
    '<driver_model><current_dm>WDDM</current_dm></driver_model><gpu_virtualization_mode><virtualization_mode>VGPU</virtualization_mode></gpu_virtualization_mode>',
    '<fan_speed>N/A</fan_speed><performance_state>P8</performance_state>',
    '<fb_memory_usage><total>8192 MiB</total><used>612 MiB</used><free>7580 MiB</free></fb_memory_usage>',
    '<utilization><gpu_util>3 %</gpu_util><memory_util>2 %</memory_util></utilization>',
    '<temperature><gpu_temp>N/A</gpu_temp></temperature><gpu_power_readings><power_draw>N/A</power_draw><current_power_limit>N/A</current_power_limit></gpu_power_readings>',
    '<processes><process_info><pid>1044</pid><type>C+G</type><process_name>C:\\Windows\\System32\\dwm.exe</process_name><used_memory>N/A</used_memory></process_info></processes>',
  ]),
);

/** GeForce RTX 3090, driver 550.90.07, that has fallen off the bus while nvidia-smi asked. */
export const lostInTheMiddleDriver550 = document(
  'v12',
  '550.90.07',
  '12.4',
  gpu('00000000:41:00.0', [
    '<product_name>NVIDIA GeForce RTX 3090</product_name><uuid>GPU-30900000-0000-4000-8000-000000000001</uuid>',
    '<fan_speed>ERR!</fan_speed><performance_state>Unknown Error</performance_state>',
    '<fb_memory_usage><total>GPU is lost</total><used>GPU is lost</used><free>GPU is lost</free></fb_memory_usage>',
    '<utilization><gpu_util>[GPU is lost]</gpu_util><memory_util>[Unknown Error]</memory_util></utilization>',
    '<temperature><gpu_temp>GPU is lost</gpu_temp></temperature>',
  ]),
);

export function document(dtd: string, driver: string, cuda: string | null, ...gpus: readonly string[]): string {
  return `<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_${dtd}.dtd">
<nvidia_smi_log>
	<timestamp>Mon Nov  2 14:02:11 2026</timestamp>
	<driver_version>${driver}</driver_version>
${cuda === null ? '' : `	<cuda_version>${cuda}</cuda_version>\n`}	<attached_gpus>${gpus.length}</attached_gpus>
${gpus.join('\n')}
</nvidia_smi_log>
`;
}

export function gpu(busId: string, parts: readonly string[]): string {
  return `	<gpu id="${busId}">\n${parts.map((part) => `		${part}\n`).join('')}	</gpu>`;
}

function migDevice(index: number, gpuInstance: number, computeInstance: number, multiprocessors: number, total: number, used: number): string {
  return `<mig_device><index>${index}</index><gpu_instance_id>${gpuInstance}</gpu_instance_id><compute_instance_id>${computeInstance}</compute_instance_id><device_attributes><shared><multiprocessor_count>${multiprocessors}</multiprocessor_count><copy_engine_count>2</copy_engine_count><encoder_count>0</encoder_count><decoder_count>1</decoder_count><ofa_count>0</ofa_count><jpg_count>0</jpg_count></shared></device_attributes><ecc_error_count><volatile_count><sram_uncorrectable>0</sram_uncorrectable></volatile_count></ecc_error_count><fb_memory_usage><total>${total} MiB</total><used>${used} MiB</used><free>${total - used} MiB</free></fb_memory_usage><bar1_memory_usage><total>32767 MiB</total><used>1 MiB</used></bar1_memory_usage></mig_device>`;
}
