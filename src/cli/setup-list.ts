import type { Catalogue } from '../runbooks/load.js';
import type { Profile } from '../runbooks/playbook.js';
import { type Line, line } from '../text/line.js';
import { jsonText } from './json-text.js';
import type { Output } from './output.js';
import { paint } from './paint.js';
import { paragraph } from './setup-lines.js';

/** `setup list`: what can be set up, and what is wrong with the person's own files; `names`: the ids alone, for shells to complete. Returns 0. */
export function runSetupList(catalogue: Catalogue, output: 'text' | 'json' | 'names', out: Output): number {
  if (output === 'names')
    out.stdout([...catalogue.profiles, ...catalogue.playbooks, ...catalogue.playbooks.flatMap(({ steps }) => steps)].map(({ id }) => `${id}\n`).join(''));
  else if (output === 'json') out.stdout(jsonText(listJson(catalogue)));
  else out.stdout(paint(listLines(catalogue), out.isTty));
  return 0;
}

function listLines({ profiles, playbooks, problems }: Catalogue): readonly Line[] {
  const width = Math.max(...playbooks.flatMap(({ steps }) => steps.map(({ id }) => id.length)), 0);
  return [
    line(['title', 'Profiles']),
    ...profiles.flatMap((profile) => [line('  ', ['strong', profile.id], `  ${profile.title}`, ['dim', `  ${needsText(profile)}${own(profile.file)}`])]),
    line(),
    line(['title', 'Playbooks']),
    ...playbooks.flatMap(({ id, title, file, steps }) => [
      line('  ', ['strong', id], `  ${title}`, ['dim', own(file)]),
      ...steps.map((step) => line(`    ${step.id.padEnd(width)}  ${step.title}`, ['dim', step.risk === 'safe' ? '' : `  ${step.risk}`])),
    ]),
    ...(problems.length === 0 ? [] : [line(), line(['title', 'Left out'])]),
    ...problems.flatMap((text) => paragraph(['bad', '  ✗ '], text)),
  ];
}

/** `1 load-balancer, 3 control-plane, 1 or more gpu` */
export function needsText({ hosts }: Pick<Profile, 'hosts'>): string {
  return hosts.map(({ role, atLeast, atMost }) => `${manyText(atLeast, atMost)} ${role}`).join(', ');
}

function manyText(atLeast: number, atMost: number | null): string {
  if (atMost === null) return atLeast === 0 ? 'any number of' : `${atLeast} or more`;
  return atMost === atLeast ? String(atLeast) : `${atLeast} to ${atMost}`;
}

function own(file: string | null): string {
  return file === null ? '' : `  (${file})`;
}

function listJson({ profiles, playbooks, problems }: Catalogue) {
  return {
    schemaVersion: 1,
    profiles: profiles.map(({ id, title, about, playbooks: chosen, without, hosts, file }) => ({ id, title, about, playbooks: chosen, without, hosts, file })),
    playbooks: playbooks.map(({ id, title, about, conflicts, file, steps }) => ({
      id,
      title,
      about,
      conflicts,
      file,
      steps: steps.map((step) => ({ id: step.id, title: step.title, on: step.on, risk: step.risk, reboots: step.reboots, reportOnly: step.apply === null })),
    })),
    problems,
  };
}
