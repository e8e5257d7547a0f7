import { describe, expect, it } from 'vitest';
import { nativePage } from '../../src/gpu/native-page.js';
import { parseNvidiaSmiXml } from '../../src/gpu/nvidia-smi-xml.js';
import { a100MigDriver525, gtx1080Driver440, h100Driver570, lostInTheMiddleDriver550, vgpuGuestDriver538 } from './documents.js';

describe("nvidia-smi's own page", () => {
  it('has the boxes that NVIDIA draws', () => {
    expect(page(gtx1080Driver440)).toMatchInlineSnapshot(`
      "Mon Nov  2 14:02:11 2026
      +-----------------------------------------------------------------------------------------+
      | NVIDIA-SMI 440.82                 Driver Version: 440.82         CUDA Version: 10.2     |
      +-----------------------------------------+------------------------+----------------------+
      | GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
      | Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
      |                                         |                        |               MIG M. |
      |=========================================+========================+======================|
      |   0  GeForce GTX 1080               Off |   00000000:01:00.0  On |                  N/A |
      |120%   41C    P8              8W /  180W |     300MiB /   8116MiB |      0%      Default |
      |                                         |                        |                  N/A |
      +-----------------------------------------+------------------------+----------------------+

      +-----------------------------------------------------------------------------------------+
      | Processes:                                                                              |
      |  GPU   GI   CI              PID   Type   Process name                        GPU Memory |
      |        ID   ID                                                               Usage      |
      |=========================================================================================|
      |    0   N/A  N/A            1208      G   /usr/lib/xorg/Xorg                      140MiB |
      +-----------------------------------------------------------------------------------------+"
    `);
  });

  it('has the MIG devices between the GPUs and the processes', () => {
    expect(page(a100MigDriver525)).toMatchInlineSnapshot(`
      "Mon Nov  2 14:02:11 2026
      +-----------------------------------------------------------------------------------------+
      | NVIDIA-SMI 525.125.06             Driver Version: 525.125.06     CUDA Version: 12.0     |
      +-----------------------------------------+------------------------+----------------------+
      | GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
      | Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
      |                                         |                        |               MIG M. |
      |=========================================+========================+======================|
      |   0  NVIDIA A100-SXM4-40GB          On  |   00000000:07:00.0 Off |                   On |
      | N/A   48C    P0            141W /  400W |    8216MiB /  40960MiB |     N/A      Default |
      |                                         |                        |              Enabled |
      +-----------------------------------------+------------------------+----------------------+

      +-----------------------------------------------------------------------------------------+
      | MIG devices:                                                                            |
      +------------------+----------------------------------+-----------+-----------------------+
      | GPU  GI  CI  MIG |                     Memory-Usage |        Vol|        Shared         |
      |      ID  ID  Dev |                       BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |
      |                  |                                  |        ECC|                       |
      |==================+==================================+===========+=======================|
      |  0    2   0   0  |            8210MiB / 19968MiB    | 42      0 |  2   0    1    0    0 |
      |                  |                 1MiB / 32767MiB  |           |                       |
      +------------------+----------------------------------+-----------+-----------------------+
      |  0    7   0   1  |               6MiB /  4864MiB    | 14      0 |  2   0    1    0    0 |
      |                  |                 1MiB / 32767MiB  |           |                       |
      +------------------+----------------------------------+-----------+-----------------------+

      +-----------------------------------------------------------------------------------------+
      | Processes:                                                                              |
      |  GPU   GI   CI              PID   Type   Process name                        GPU Memory |
      |        ID   ID                                                               Usage      |
      |=========================================================================================|
      |    0    2    0            77123      C   python3                                8190MiB |
      +-----------------------------------------------------------------------------------------+"
    `);
  });

  it('shows ERR! for a GPU that is lost', () => {
    expect(page(lostInTheMiddleDriver550)).toMatchInlineSnapshot(`
      "Mon Nov  2 14:02:11 2026
      +-----------------------------------------------------------------------------------------+
      | NVIDIA-SMI 550.90.07              Driver Version: 550.90.07      CUDA Version: 12.4     |
      +-----------------------------------------+------------------------+----------------------+
      | GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
      | Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
      |                                         |                        |               MIG M. |
      |=========================================+========================+======================|
      |   0  NVIDIA GeForce RTX 3090        N/A |   00000000:41:00.0 N/A |                 ERR! |
      |ERR!  ERR!  ERR!            ERR! /  ERR! |       ERR! /      ERR! |    ERR!          N/A |
      |                                         |                        |                  N/A |
      +-----------------------------------------+------------------------+----------------------+

      +-----------------------------------------------------------------------------------------+
      | Processes:                                                                              |
      |  GPU   GI   CI              PID   Type   Process name                        GPU Memory |
      |        ID   ID                                                               Usage      |
      |=========================================================================================|
      |  Processes are not known                                                                |
      +-----------------------------------------------------------------------------------------+"
    `);
  });

  it.each([gtx1080Driver440, a100MigDriver525, h100Driver570, lostInTheMiddleDriver550, vgpuGuestDriver538])('has 91 columns of ASCII in each line', (text) => {
    const [, ...lines] = nativePage(parseNvidiaSmiXml(text), 0);
    for (const line of lines) expect(line).toMatch(/^(?:[ -~]{91})?$/);
  });

  it('of a machine without devices is the sentence', () => {
    expect(nativePage({ status: 'no-devices', why: 'nvidia-smi found no devices' }, 0)).toEqual(['No devices were found']);
  });
});

function page(text: string): string {
  return nativePage(parseNvidiaSmiXml(text), 0).join('\n');
}
