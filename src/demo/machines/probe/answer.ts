import type { MachineHost } from '../machine-host.js';
import { accessSections } from './access.js';
import { gpuSections, nvidiaSections } from './nvidia.js';
import { runtimeSections } from './runtime.js';
import { ok, type Section } from './section.js';
import { diskSections, serviceSections, systemSections } from './system.js';

/**
 * What the probe script (assets/probe/probe.sh) would print on the machine, frame and all; `mark` is the word that its lines begin with. Nothing is run.
 * Without `root` the parts that need it say so.
 */
export function answerProbe(host: MachineHost, mark: string, root: boolean): string {
  if (mark === '') return '';
  const sections = [
    ...systemSections(host),
    ...nvidiaSections(host, root),
    ...serviceSections(host),
    ...runtimeSections(host),
    ...diskSections(host),
    ...(root ? [ok('sudo', [])] : []),
    ...accessSections(host, root),
    ...gpuSections(host),
  ];
  return `\n@@${mark} start 1\n${sections.map((section) => framed(section, mark)).join('')}@@${mark} done\n`;
}

function framed({ name, lines, status, errors = [] }: Section, mark: string): string {
  const body = lines.filter((line) => line !== '');
  return [
    `@@${mark} begin ${name}`,
    ...body.map((line) => `|${line}`),
    ...errors.map((error) => `@@${mark} err ${error}`),
    `@@${mark} end ${name} ${status}`,
    '',
  ].join('\n');
}
