import { describe, expect, it } from 'vitest';
import { parseSetupWish, plannedSteps, setupWishObject, worstRisk } from '../../../../views/wizards/setup/run-wish.js';
import { aSetup } from '../../../builders/setup.js';

const missing = { state: 'missing', why: null } as const;
const settled = { 'etcd-reset': { state: 'not-applicable', why: 'x' } } as const;

function told(...planned: ReturnType<typeof plannedSteps>): readonly string[] {
  return planned.map(({ step, columns, needed }) => `${step.id} on ${columns.join(' ')}${needed ? ' (needed)' : ''}`);
}

describe('what would run', () => {
  it('of everything is all that is not done', () => {
    const setup = aSetup({ ...settled, 'apt-base gpu-1': missing, 'device-plugin': missing });
    expect(told(...plannedSteps(setup, { do: 'run', steps: null, columns: null }))).toEqual(['apt-base on gpu-1', 'device-plugin on cluster']);
  });

  it('takes what a step needs along: on the same host, and everywhere where it is done elsewhere', () => {
    const setup = aSetup({ ...settled, 'apt-base': missing, 'crio-repo gpu-1': missing, 'swap-off gpu-2': missing, 'kubeadm-init': missing });
    expect(told(...plannedSteps(setup, { do: 'run', steps: ['crio-repo'], columns: ['gpu-1'] }))).toEqual(['apt-base on gpu-1 (needed)', 'crio-repo on gpu-1']);
    expect(told(...plannedSteps(setup, { do: 'run', steps: ['device-plugin'], columns: ['cluster'] }))).toEqual([
      'kubeadm-init on controlplane (needed)',
      'device-plugin on cluster',
    ]);
  });

  it('never has a step in it that only looks', () => {
    const setup = aSetup({ ...settled, 'bios-above-4g': missing });
    expect(plannedSteps(setup, { do: 'run', steps: null, columns: null })).toEqual([]);
  });

  it('is as risky as the worst of it', () => {
    const setup = aSetup({ ...settled, 'apt-base gpu-1': missing, 'swap-off gpu-1': missing });
    expect(worstRisk(plannedSteps(setup, { do: 'run', steps: ['apt-base'], columns: null }))).toBe('safe');
    expect(worstRisk(plannedSteps(setup, { do: 'run', steps: null, columns: null }))).toBe('disruptive');
    expect(worstRisk(plannedSteps(aSetup({ 'etcd-reset': missing }), { do: 'run', steps: null, columns: null }))).toBe('destructive');
  });

  it('is kept in a page as text, and anything else is none', () => {
    const wish = { do: 'run', steps: ['swap-off'], columns: null } as const;
    expect(parseSetupWish(setupWishObject(wish))).toEqual(wish);
    const undo = { do: 'undo', step: 'swap-off', column: 'gpu-1' } as const;
    expect(parseSetupWish(setupWishObject(undo))).toEqual(undo);
    for (const other of ['', '{', '[]', '{"do":"run"}', '{"do":"run","steps":[1],"columns":null}', '{"do":"undo","step":1}'])
      expect(parseSetupWish(other)).toBeNull();
  });
});
