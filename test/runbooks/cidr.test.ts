import { describe, expect, it } from 'vitest';
import { addressNumber, hostCidr, networkText, overlap, parseCidr } from '../../src/runbooks/cidr.js';

const network = (text: string) => {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`${text} is none`);
  return cidr;
};

describe('networks', () => {
  it('overlap where one holds any address of the other', () => {
    expect(overlap(network('10.0.0.0/8'), network('10.244.0.0/16'))).toBe(true);
    expect(overlap(network('10.244.0.0/16'), network('10.244.255.255/32'))).toBe(true);
    expect(overlap(network('10.244.0.0/16'), network('10.245.0.0/16'))).toBe(false);
    expect(overlap(network('0.0.0.0/0'), network('::/0'))).toBe(false);
    expect(overlap(network('fd00::/8'), network('fd00:10::/64'))).toBe(true);
  });

  it.each([
    ['10.244.7.9/16', '10.244.0.0/16'],
    ['192.168.1.130/25', '192.168.1.128/25'],
    ['2001:db8:0:0:1::/80', '2001:db8:0:0:1::/80'],
    ['2001:DB8::1:0:0:1/128', '2001:db8::1:0:0:1/128'],
    ['::1/128', '::1/128'],
    ['::/0', '::/0'],
    ['fd00::ffff/112', 'fd00::/112'],
    ['1:0:2:0:0:3:0:0/128', '1:0:2::3:0:0/128'],
  ])('%s is written %s', (text, written) => {
    expect(networkText(network(text))).toBe(written);
  });

  it('reads an IPv4 address inside an IPv6 one', () => {
    expect(addressNumber('::ffff:10.0.0.1')).toBe(0xffff_0a00_0001n);
    expect(addressNumber('64:ff9b::192.0.2.33')).toBe(addressNumber('64:ff9b::c000:221'));
  });

  it.each(['', '10.0.0.0', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', 'fe80::1%eth0/64', 'lab/8', '10.0.0.0/8 '])('%j is none', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  it('of one address holds that alone', () => {
    expect(hostCidr('10.0.0.7')).toMatchObject({ prefix: 32 });
    expect(hostCidr('lb.lab')).toBeNull();
  });
});
