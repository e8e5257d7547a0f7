import type { GpuReport } from '../state/gpu-devices.js';
import { gpuDevice } from './gpu-device.js';
import { withLostGpus } from './lost-gpus.js';
import { exitCodeWarning, type NvidiaSmiEnd, troubleSaid, warningsSaid } from './nvidia-smi-answer.js';
import { gpuAttention, rawXmlGpu } from './nvidia-smi-xml-gpu.js';
import { readText } from './reading.js';
import { strangerSaid } from './stranger.js';
import { elementsAt, firstText, nodeAt, parseXml, textAt, type XmlElement } from './xml-element.js';

/**
 * Understands what `nvidia-smi -q -x` printed, of any driver (nvsmi_device_v4.dtd to v13), with what stood before and after it; never throws. Where nvidia-smi gave up in the
 * middle and said why, the GPUs it had described so far are kept; a document that just ends is `unreadable`.
 */
export function parseNvidiaSmiXml(text: string, end: NvidiaSmiEnd = {}): GpuReport {
  if (text.length > longestDocument)
    return { status: 'unreadable', why: `it is far too long for a document of nvidia-smi (${Math.round(text.length / 2 ** 20)} MiB)` };
  const document = findDocument(text);
  if (document === null) return troubleSaid(text, end) ?? strangerSaid(text);
  const said = `${document.said}\n${end.stderr ?? ''}`;
  if (!document.whole && troubleSaid(said, end) === null) return { status: 'unreadable', why: `the document ends in the middle${afterGpus(document.body)}` };
  const body = withoutSupportedClocks(document.body);
  const crowd = body.split('<gpu ', mostGpus + 2).length - 1;
  if (crowd > mostGpus || body.length > longestBody) return { status: 'unreadable', why: 'it describes more than a machine can have' };
  const parsed = parseXml(withNamesEscaped(body));
  if (!parsed.ok) return { status: 'unreadable', why: `the document cannot be read: ${parsed.why}` };
  const log = nodeAt(parsed.root, 'nvidia_smi_log');
  const gpus = elementsAt(log, 'gpu');
  const devices = withLostGpus(
    gpus.map((gpu, index) => gpuDevice(rawXmlGpu(gpu), index)),
    said,
  );
  const attached = textAt(log, 'attached_gpus');
  if (gpus.length === 0) return troubleSaid(said, end) ?? withoutGpus(attached);
  const writtenAt = readText(textAt(log, 'timestamp'), '').value;
  return {
    status: 'ok',
    driverVersion: readText(firstText(log, 'driver_version', 'kmd_version'), '').value,
    cudaVersion: readText(firstText(log, 'cuda_version', 'cuda_umd_version', 'cuda_driver_version'), '').value,
    devices,
    warnings: warnings(gpus, devices.length, attached, said, end, document.whole),
    ...(writtenAt === null ? {} : { writtenAt }),
  };
}

// 8 GPUs with all their supported clocks are 0.2 MiB.
const longestDocument = 32 * 2 ** 20;
// Without the clocks some 10 KiB for each GPU, and the command lines of its processes.
const longestBody = 8 * 2 ** 20;
const mostGpus = 256;

interface FoundDocument {
  /** From the root's opening tag to its closing one, which is added where it is missing. */
  readonly body: string;
  readonly whole: boolean;
  /** What stands before, between the GPUs of a document that was given up, and after. */
  readonly said: string;
}

/** The last whole document in the text (`nvidia-smi -l` prints one after the other), else the GPUs that are whole in one that was cut. */
function findDocument(text: string): FoundDocument | null {
  const close = text.lastIndexOf(closingTag);
  const start = close === -1 ? text.indexOf(openingTag) : text.lastIndexOf(openingTag, close);
  if (start === -1) return null;
  const before = text.slice(0, start);
  const preface = before.slice(before.lastIndexOf(closingTag) + 1).replace(/<\?xml[^>]*>|<!DOCTYPE[^>]*>/g, '');
  if (close !== -1) {
    const body = text.slice(start, close + closingTag.length);
    return { body, whole: true, said: `${preface}\n${betweenGpus(body)}\n${text.slice(close + closingTag.length)}` };
  }
  const lastGpu = text.lastIndexOf('</gpu>');
  const cut = lastGpu > start ? lastGpu + '</gpu>'.length : start + openingTag.length + 1;
  const body = `${text.slice(start, cut)}\n${closingTag}`;
  return { body, whole: false, said: `${preface}\n${betweenGpus(text.slice(start))}` };
}

const openingTag = '<nvidia_smi_log';
const closingTag = '</nvidia_smi_log>';

/** The text outside the <gpu> elements: nvidia-smi prints its errors there, and what a process calls itself does not count as one. */
function betweenGpus(body: string): string {
  const outside: string[] = [];
  let at = 0;
  while (at !== -1) {
    const opening = body.indexOf('<gpu ', at);
    outside.push(body.slice(at, opening === -1 ? undefined : opening));
    if (opening === -1) break;
    const closing = body.indexOf('</gpu>', opening);
    // A GPU in whose middle nvidia-smi gave up: its error is the last line.
    if (closing === -1) outside.push(body.slice(body.lastIndexOf('>') + 1));
    at = closing;
  }
  return outside.join('\n').replace(/<[^>]{0,100}>/g, ' ');
}

function afterGpus(body: string): string {
  const whole = body.split('</gpu>').length - 1;
  return whole === 0 ? '' : `, after ${whole} whole GPU${whole === 1 ? '' : 's'}`;
}

/** Most of a document is lists of clocks that a board could run at; nothing here needs them. */
function withoutSupportedClocks(body: string): string {
  return replaceBetween(body, '<supported_clocks>', '</supported_clocks>', () => '');
}

/** nvidia-smi prints the names of processes as they are, with their `&` and `<`. */
function withNamesEscaped(body: string): string {
  return replaceBetween(body, '<process_name>', '</process_name>', (name) =>
    name.includes('<process_name>') || name.includes('</process_info>')
      ? name
      : name
          .replace(/&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/g, '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;'),
  );
}

function replaceBetween(text: string, opening: string, closing: string, replace: (inner: string) => string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf(opening, at);
    const end = start === -1 ? -1 : text.indexOf(closing, start);
    if (end === -1) break;
    parts.push(text.slice(at, start + opening.length), replace(text.slice(start + opening.length, end)), closing);
    at = end + closing.length;
  }
  return parts.length === 0 ? text : `${parts.join('')}${text.slice(at)}`;
}

function withoutGpus(attached: string | null): GpuReport {
  if (attached === '0') return { status: 'no-devices', why: 'nvidia-smi found no devices' };
  return { status: 'unreadable', why: 'the document describes no GPU' };
}

function warnings(
  gpus: readonly XmlElement[],
  shown: number,
  attached: string | null,
  said: string,
  { exitCode }: NvidiaSmiEnd,
  whole: boolean,
): readonly string[] {
  const ended = exitCodeWarning(exitCode);
  const fewer = attached !== null && /^\d{1,4}$/.test(attached) && Number(attached) > shown;
  return [
    ...warningsSaid(said),
    ...(whole ? [] : ['nvidia-smi gave up in the middle of its document']),
    ...(fewer ? [`nvidia-smi counts ${Number(attached)} GPUs and describes ${shown}`] : []),
    ...(ended === null ? [] : [ended]),
    ...gpus.flatMap((gpu, index) => gpuAttention(gpu).map((text) => `GPU ${index}: ${text}`)),
  ];
}
