import { describe, expect, it } from 'vitest';
import { changeChoice, type DraftChange, emptyChoice, reduceDraft, type SetupDraft } from '../../../../views/wizards/setup/draft.js';
import { fieldChange, hostField, valueField } from '../../../../views/wizards/setup/fields.js';
import { hostProblem, profileProblems } from '../../../../views/wizards/setup/host-problems.js';
import { labCatalogue, labHosts } from '../../../builders/setup.js';

function chosen(...changes: readonly DraftChange[]): SetupDraft | null {
  return changes.reduce<SetupDraft | null>(reduceDraft, { part: 'profile', choice: emptyChoice, secrets: {} });
}

describe('a setup that is being chosen', () => {
  it('takes a host on the row after the last, first a control plane, then workers', () => {
    const draft = chosen(
      { do: 'host', at: 0, field: 'name', text: ' head ' },
      { do: 'host', at: 0, field: 'address', text: '10.0.0.10' },
      { do: 'host', at: 1, field: 'name', text: 'gpu-1' },
    );
    expect(draft?.choice.hosts).toEqual([
      { name: 'head', address: '10.0.0.10', roles: ['control-plane'] },
      { name: 'gpu-1', address: '', roles: ['gpu'] },
    ]);
  });

  it('makes no host of nothing', () => {
    expect(chosen({ do: 'host', at: 0, field: 'name', text: '  ' })?.choice.hosts).toEqual([]);
  });

  it('ticks roles in their order, moves hosts up and takes them out', () => {
    const start = changeChoice({ ...emptyChoice, hosts: labHosts }, { do: 'role', at: 1, role: 'control-plane' });
    expect(start.hosts[1]?.roles).toEqual(['control-plane', 'gpu']);
    expect(changeChoice(start, { do: 'role', at: 1, role: 'gpu' }).hosts[1]?.roles).toEqual(['control-plane']);
    expect(changeChoice(start, { do: 'raise', at: 2 }).hosts.map(({ name }) => name)).toEqual(['controlplane', 'gpu-2', 'gpu-1']);
    expect(changeChoice(start, { do: 'raise', at: 0 }).hosts).toEqual(start.hosts);
    expect(changeChoice(start, { do: 'remove', at: 0 }).hosts.map(({ name }) => name)).toEqual(['gpu-1', 'gpu-2']);
  });

  it('keeps secrets out of the choice, and forgets all when it is dropped', () => {
    const draft = chosen(
      { do: 'value', name: 'POD_CIDR', text: '10.1.0.0/16', secret: false },
      { do: 'value', name: 'GRAFANA_PASSWORD', text: 'secret', secret: true },
    );
    expect(draft?.choice.values).toEqual({ POD_CIDR: '10.1.0.0/16' });
    expect(draft?.secrets).toEqual({ GRAFANA_PASSWORD: 'secret' });
    expect(reduceDraft(draft, { do: 'value', name: 'POD_CIDR', text: '', secret: false })?.choice.values).toEqual({});
    expect(reduceDraft(draft, { do: 'drop' })).toBeNull();
  });

  it('is of a profile or of single playbooks, never of both', () => {
    const own = chosen(
      { do: 'profile', profile: 'ha-haproxy-calico', hostless: false },
      { do: 'playbook', playbook: 'gpu' },
      { do: 'playbook', playbook: 'calico' },
    );
    expect(own?.choice).toMatchObject({ profile: null, playbooks: ['gpu', 'calico'] });
    expect(reduceDraft(own, { do: 'profile', profile: 'x', hostless: true })?.choice).toMatchObject({ profile: 'x', playbooks: [], seat: 'here' });
  });

  it('turns no further than its parts go', () => {
    expect(chosen({ do: 'turn', by: -1 })?.part).toBe('profile');
    expect(chosen({ do: 'turn', by: 1 }, { do: 'turn', by: 1 }, { do: 'turn', by: 1 }, { do: 'turn', by: 1 })?.part).toBe('outline');
  });

  it('knows what a field changes by its name', () => {
    expect(fieldChange(hostField(2, 'address'), '10.0.0.1', false)).toEqual({ do: 'host', at: 2, field: 'address', text: '10.0.0.1' });
    expect(fieldChange(valueField('POD_CIDR'), ' 10.1.0.0/16 ', false)).toEqual({ do: 'value', name: 'POD_CIDR', text: '10.1.0.0/16', secret: false });
    expect(fieldChange('something else', 'x', false)).toBeNull();
  });
});

describe('a host that is typed', () => {
  const host = { name: 'gpu-1', address: '10.0.0.11', roles: ['gpu' as const] };
  it.each([
    [{ ...host, name: '' }, 'it has no name yet'],
    [{ ...host, name: 'GPU 1' }, '"GPU 1" is no host name'],
    [{ ...host, name: "x'; rm -rf / #" }, 'is no host name'],
    [{ ...host, name: 'cluster' }, 'stands for the cluster'],
    [{ ...host, address: '' }, 'it has no address yet'],
    [{ ...host, address: '10.0.0.256' }, '"10.0.0.256" is no address'],
    [{ ...host, address: 'a b' }, '"a b" is no address'],
    [{ ...host, roles: [] }, 'it has no role'],
  ])('says what is wrong with it: %o', (typed, problem) => {
    expect(hostProblem([typed], 0)).toContain(problem);
  });

  it('is fine with an address of either kind or a name', () => {
    for (const address of ['10.0.0.11', 'fd00::11', 'gpu-1.lab.example']) expect(hostProblem([{ ...host, address }], 0)).toBeNull();
  });

  it('is told apart from the others by name and address', () => {
    expect(hostProblem([host, { ...host, address: '10.0.0.12' }], 1)).toBe('host 1 is named gpu-1 too');
    expect(hostProblem([host, { ...host, name: 'gpu-2' }], 1)).toBe('gpu-1 has the address 10.0.0.11 too');
  });

  it('counts for what the profile wants', () => {
    const [single, , ha] = labCatalogue.profiles;
    expect(profileProblems(labHosts, single ?? null)).toEqual([]);
    expect(profileProblems(labHosts, ha ?? null)).toEqual([
      'ha-haproxy-calico wants 1 host as load-balancer: there are 0',
      'ha-haproxy-calico wants 3 hosts as control-plane: there is 1',
    ]);
    expect(profileProblems([], labCatalogue.profiles[4] ?? null)).toEqual([]);
  });
});
