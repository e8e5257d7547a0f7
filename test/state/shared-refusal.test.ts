import { describe, expect, it } from 'vitest';
import type { HostContact, HostState } from '../../src/state/hosts.js';
import { sharedRefusal } from '../../src/state/shared-refusal.js';

const aHost = (name: string, address: string, contact: HostContact): HostState => ({ name, node: name, road: `ssh ops@${address}:22`, contact, facts: null });
const refused = (why: string): HostContact => ({ status: 'refused', why, fix: 'Start an agent.' });

describe('machines that all refuse us', () => {
  it('are one sentence where the reason is the same but for their names', () => {
    const hosts = [
      aHost('gpu-1', '10.0.0.11', refused('gpu-1 (10.0.0.11) takes no key of ours')),
      aHost('gpu-11', '10.0.0.111', refused('gpu-11 (10.0.0.111) takes no key of ours')),
    ];
    expect(sharedRefusal(hosts)).toEqual({ why: 'the machine takes no key of ours', fix: 'Start an agent.', hosts: ['gpu-1', 'gpu-11'] });
  });

  it('are told one by one where reasons differ, or one can be looked at', () => {
    const one = aHost('gpu-1', '10.0.0.11', refused('no key'));
    expect(sharedRefusal([one, aHost('gpu-2', '10.0.0.12', refused('its host key has changed'))])).toBeNull();
    expect(sharedRefusal([one, aHost('gpu-2', '10.0.0.12', { status: 'connected', since: 0, roundTripMs: 5 })])).toBeNull();
    expect(sharedRefusal([one])).toBeNull();
  });
});
