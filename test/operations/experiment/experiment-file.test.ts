import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseExperiment, standardExperiment } from '../../../src/operations/experiment/experiment-file.js';

const least = 'name: one\nworkloads: [deployment/ai/resnet50]\n';

describe('an experiment file', () => {
  it('with a name and a workload is the guides’ procedure: 1, 3 and 8 replicas, an hour each', () => {
    const spec = parseExperiment('/lab/one.yaml', least);
    expect(spec).toEqual({
      name: 'one',
      workloads: [{ kind: 'Deployment', namespace: 'ai', name: 'resnet50' }],
      phases: [
        { name: 'Baseline', replicas: 1, dwellMs: 3_600_000 },
        { name: 'Modest', replicas: 3, dwellMs: 3_600_000 },
        { name: 'High', replicas: 8, dwellMs: 3_600_000 },
      ],
      warmUpMs: 300_000,
      pauseMs: 0,
      coolDownMs: 60_000,
      readyMs: 600_000,
      allowFewer: false,
      stepMs: 15_000,
      folder: '/lab/results',
    });
    expect(standardExperiment({ kind: 'Deployment', namespace: 'ai', name: 'resnet50' }, '/lab')).toEqual({ ...spec, name: 'resnet50-replicas' });
  });

  it('that comes with the program says the same', () => {
    const file = 'assets/experiments/replicas.yaml';
    const { name, workloads, folder, ...rest } = parseExperiment(file, readFileSync(file, 'utf8'));
    expect(rest).toEqual((({ name: _, workloads: __, folder: ___, ...standard }) => standard)(parseExperiment(file, least)));
  });

  it.each([
    ['a: [', 'one.yaml: line 1, column 5: '],
    ['- a', 'one.yaml describes no experiment'],
    ['name: one', '"workloads" is missing'],
    [`${least}dwell: 1h`, 'there is no field "dwell"'],
    [`${least}warmup: 1m`, 'there is no field "warmup", did you mean warmUp?'],
    [`${least}phases: [{ replicas: -1 }]`, 'phases[0]: "replicas" should be a whole number from 0 to 1000'],
    [`${least}phases: [{ replicas: 1000000 }]`, 'phases[0]: "replicas" should be a whole number'],
    [`${least}phases: [{ replicas: 1, dwell: 5 }]`, 'phases[0]: "dwell" should be a duration such as 90s, 5m or 1h, 1s or more'],
    [`${least}phases: [{ replicas: 1, dwel: 5m }]`, 'phases[0]: there is no field "dwel", did you mean dwell?'],
    [`${least}phases: []`, '"phases" is empty'],
    [`${least}data: { step: 1ms }`, 'data: "step" should be a duration'],
    [`${least}data: { folders: x }`, 'data: there is no field "folders", did you mean folder?'],
    ['name: One Two\nworkloads: [deployment/ai/a]', '"name" should be words in lower case'],
    ['name: ../../etc\nworkloads: [deployment/ai/a]', '"name" should be words in lower case'],
    ['name: one\nworkloads: [daemonset/ai/a]', 'workloads[0] should be a deployment or statefulset'],
    ['name: one\nworkloads: [deployment/ai/a, deploy/ai/a]', '"workloads" names the same workload twice'],
  ])('%j is refused with a sentence', (text, sentence) => {
    expect(() => parseExperiment('one.yaml', text)).toThrow(sentence);
  });
});
