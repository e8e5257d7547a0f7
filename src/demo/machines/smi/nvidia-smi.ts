import type { CommandResult, SmiScene } from './answer.js';
import { smiExitCode } from './answer.js';
import { smiList } from './list.js';
import { smiQuery } from './query-csv.js';
import { smiTable } from './table.js';
import { smiXml } from './xml.js';

/** What `nvidia-smi ARGUMENTS` prints of GPUs that can be asked. Of what the real one can do, what reads a state: the page, -L, -q -x, and the two queries as CSV. */
export function nvidiaSmi(scene: SmiScene, argv: readonly string[]): CommandResult {
  const options = parse(argv);
  if (options.unknown !== null) return { stdout: `Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\n`, stderr: '', exitCode: 2 };
  const gpus =
    options.only === null
      ? scene.gpus
      : scene.gpus.filter(({ device }) => options.only?.some((id) => [String(device.index), device.uuid, device.pciBusId].includes(id)));
  if (gpus.length === 0) return { stdout: options.only === null ? 'No devices were found\n' : `No devices were found\n`, stderr: '', exitCode: 6 };
  const chosen = { ...scene, gpus };
  const said = (stdout: string): CommandResult => ({ stdout, stderr: '', exitCode: smiExitCode(gpus) });
  if (options.version) return said(versionText(scene));
  if (options.list) return said(smiList(gpus));
  if (options.query !== null) return smiQuery(chosen, options.query.what, options.query.fields, options.format);
  if (options.all && !options.xml) {
    const stderr = 'nvidia-smi: on this demo machine -q needs -x\n';
    return { stdout: '', stderr, exitCode: 2 };
  }
  return said(options.xml ? smiXml(chosen) : smiTable(chosen));
}

interface Options {
  readonly all: boolean;
  readonly xml: boolean;
  readonly list: boolean;
  readonly version: boolean;
  readonly only: readonly string[] | null;
  readonly query: { readonly what: 'gpu' | 'compute-apps'; readonly fields: readonly string[] } | null;
  readonly format: ReadonlySet<string>;
  readonly unknown: string | null;
}

function parse(argv: readonly string[]): Options {
  const words = argv.flatMap((word) => (/^-[a-z]{2,}$/.test(word) ? [...word.slice(1)].map((letter) => `-${letter}`) : [word]));
  let options: Options = { all: false, xml: false, list: false, version: false, only: null, query: null, format: new Set(), unknown: null };
  for (let place = 0; place < words.length; place++) {
    const word = words[place] ?? '';
    const [name = '', inline] = word.split(/=(.*)/s);
    const value = () => inline ?? words[++place] ?? '';
    const list = () =>
      value()
        .split(',')
        .map((each) => each.trim());
    if (name === '-q' || name === '--query') options = { ...options, all: true };
    else if (name === '-x' || name === '--xml-format') options = { ...options, xml: true };
    else if (name === '-L' || name === '--list-gpus') options = { ...options, list: true };
    else if (name === '--version') options = { ...options, version: true };
    else if (name === '-i' || name === '--id') options = { ...options, only: list() };
    else if (name === '--query-gpu') options = { ...options, query: { what: 'gpu', fields: list() } };
    else if (name === '--query-compute-apps') options = { ...options, query: { what: 'compute-apps', fields: list() } };
    else if (name === '--format') options = { ...options, format: new Set(list()) };
    else options = { ...options, unknown: word };
  }
  return options;
}

function versionText({ machine }: SmiScene): string {
  const { module, library } = machine.driver;
  const nvml = library.split('.').slice(0, 2).join('.');
  return `NVIDIA-SMI version  : ${library}\nNVML version        : ${nvml}\nDRIVER version      : ${module}\nCUDA Version        : 13.0\n`;
}
