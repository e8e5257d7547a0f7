import { describe, expect, it, vi } from 'vitest';
import { HostError } from '../../../src/hosts/host-error.js';
import { enableUnit } from '../../../src/operations/fixes/enable-unit.js';
import { restartUnit } from '../../../src/operations/fixes/restart-unit.js';
import { aHost, hostsOf, known } from '../../builders/host.js';
import { aNode, aPod, aSnapshot, collection } from '../../builders/snapshot.js';
import { aScene, changes, done, exact, laterFacts } from './a-scene.js';

const input = { host: 'gpu-1', unit: 'kubelet' };
const show = 'systemctl show';

function unit(properties: Readonly<Record<string, string>>): string {
  const usual = {
    Id: 'kubelet.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    Type: 'simple',
    Result: 'success',
  };
  return Object.entries({ ...usual, ...properties })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const active = laterFacts({ services: known([{ name: 'kubelet', enabled: 'enabled', active: 'active' }]) });

describe('restart-unit', () => {
  it('forgets the failures of a failed unit, restarts it, and sees it active and the node Ready', async () => {
    const scene = aScene({ says: { [show]: unit({ ActiveState: 'failed', SubState: 'failed' }) }, later: active });
    expect(await exact(restartUnit, input, scene)).toEqual(['gpu-1# systemctl reset-failed kubelet.service', 'gpu-1# systemctl restart kubelet.service']);
    const outcome = await done(restartUnit, input, scene);
    expect(outcome.verification).toEqual({ seen: true, text: 'kubelet.service on gpu-1 is active, and its node Ready' });
    expect(changes(scene)).toEqual(['systemctl reset-failed kubelet.service', 'systemctl restart kubelet.service']);
  });

  it('says that a unit which falls over again is not back', async () => {
    const scene = aScene({
      says: { [show]: unit({ ActiveState: 'failed' }) },
      later: laterFacts({ services: known([{ name: 'kubelet', enabled: 'enabled', active: 'activating' }]) }),
    });
    const { state, verification } = await done(restartUnit, input, scene);
    expect(state).toBe('failed');
    expect(verification?.text).toBe('kubelet.service is activating; journalctl -u kubelet.service -b says why');
  });

  it('does not take what was seen before the restart for a success', async () => {
    const scene = aScene({ says: { [show]: unit({}) } });
    expect((await done(restartUnit, input, scene)).verification).toEqual({ seen: false, text: 'gpu-1 has not been looked at since' });
  });

  it('asks systemd itself about units that the probe does not know, and whether a oneshot unit ended well', async () => {
    const scene = aScene({ says: { [show]: unit({ Id: 'x.service', ActiveState: 'inactive', Type: 'oneshot' }) } });
    const { verification } = await done(restartUnit, { host: 'gpu-1', unit: 'nvidia-cdi-refresh' }, scene);
    expect(verification).toEqual({ seen: true, text: 'nvidia-cdi-refresh.service on gpu-1 ran to a good end' });
  });

  it('waits until a unit has stayed active for a while', async () => {
    vi.useFakeTimers();
    const scene = aScene({ says: { [show]: unit({ Id: 'x.service' }) } });
    const outcome = done(restartUnit, { host: 'gpu-1', unit: 'x' }, scene);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    expect((await outcome).verification?.seen).toBe(true);
    expect(scene.commands.filter((line) => line.startsWith(show)).length).toBeGreaterThan(4);
  });

  it('cannot be done where the unit is not installed or masked, or nobody can log in', async () => {
    const blockers = async (says: string | Error) => (await restartUnit.plan(input, aScene({ says: { [show]: says } }))).plan.blockers;
    expect(await blockers(unit({ LoadState: 'not-found' }))).toEqual(['there is no kubelet.service on gpu-1']);
    expect(await blockers(unit({ LoadState: 'masked' }))).toEqual(['kubelet.service on gpu-1 is masked: it has to be enabled first (enable-unit)']);
    expect(await blockers(new HostError('auth', 'no key opens gpu-1', { fix: 'ssh-add your key' }))).toEqual(['no key opens gpu-1; ssh-add your key']);
    const refused = aHost({ contact: { status: 'refused', why: 'its host key changed', fix: null } });
    const { plan } = await restartUnit.plan(input, aScene({ snapshot: aSnapshot({ hosts: hostsOf(refused) }) }));
    expect(plan).toMatchObject({ title: 'Restart kubelet.service on gpu-1', items: [], blockers: ['there is no way in to gpu-1: its host key changed'] });
  });

  it('refuses machines and units that cannot be', async () => {
    await expect(restartUnit.plan({ host: 'gpu-9', unit: 'kubelet' }, aScene())).rejects.toThrow('there is no machine called gpu-9');
    await expect(restartUnit.plan({ host: 'gpu-1', unit: '--force' }, aScene())).rejects.toThrow('"--force" cannot be the unit that restart-unit needs');
    await expect(restartUnit.plan({ host: 'gpu-1' }, aScene())).rejects.toThrow('restart-unit needs to know the unit');
  });

  it('leaves the rest when its first command fails', async () => {
    const scene = aScene({ says: { [show]: unit({ ActiveState: 'failed' }), 'systemctl reset-failed': { exitCode: 1, stderr: 'Access denied\n' } } });
    expect(await done(restartUnit, input, scene)).toMatchObject({ state: 'failed', failed: ['systemctl ended with 1: Access denied'], skipped: 1 });
  });
});

describe('enable-unit', () => {
  it('unmasks a masked unit and starts it now and at each boot', async () => {
    const scene = aScene({ says: { [show]: unit({ LoadState: 'masked', ActiveState: 'inactive', UnitFileState: 'masked' }) }, later: active });
    const { plan } = await enableUnit.plan(input, scene);
    expect(plan.items.map(({ exact: words }) => words)).toEqual(['gpu-1# systemctl unmask kubelet.service', 'gpu-1# systemctl enable --now kubelet.service']);
    expect(plan.undo).toBe('gpu-1# systemctl disable --now kubelet.service; systemctl mask kubelet.service');
    expect(plan.goal).toBe('kubelet.service on gpu-1 is active, and its node Ready, and starts at each boot');
    expect((await done(enableUnit, input, scene)).verification?.seen).toBe(true);
  });

  it('only starts a unit that has nothing to be enabled by', async () => {
    const scene = aScene({ says: { [show]: unit({ ActiveState: 'inactive', UnitFileState: 'static' }) } });
    const { plan } = await enableUnit.plan(input, scene);
    expect(plan.items.map(({ exact: words }) => words)).toEqual(['gpu-1# systemctl start kubelet.service']);
    expect(plan.warnings).toEqual(['kubelet.service is static: something else has to start it at boot']);
  });

  it('warns of what a daemon-reload does to GPUs that running pods hold', async () => {
    const snapshot = aSnapshot({ hosts: hostsOf(aHost()), nodes: collection(aNode()), pods: collection(aPod({ gpus: 4 })) });
    const { plan } = await enableUnit.plan(input, aScene({ snapshot, says: { [show]: unit({ ActiveState: 'inactive', UnitFileState: 'disabled' }) } }));
    expect(plan.risk).toBe('disruptive');
    expect(plan.warnings[0]).toContain('1 running GPU pod on gpu-1 may lose them');
  });

  it('finds nothing to do where it runs and is enabled', async () => {
    await expect(enableUnit.plan(input, aScene({ says: { [show]: unit({}) } }))).rejects.toThrow(
      'nothing to do: kubelet.service on gpu-1 is active and enabled',
    );
  });
});
