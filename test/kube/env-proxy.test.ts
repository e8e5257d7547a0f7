import { expect, test } from 'vitest';
import { envProxy } from '../../src/kube/env-proxy.js';

test('HTTPS_PROXY is used for https servers, in either case, upper case first', () => {
  expect(through('https://10.0.0.10:6443', { HTTPS_PROXY: 'http://a:3128' })).toBe('http://a:3128');
  expect(through('https://10.0.0.10:6443', { https_proxy: 'b:3128' })).toBe('http://b:3128');
  expect(through('https://10.0.0.10:6443', { HTTPS_PROXY: 'http://a', https_proxy: 'http://b' })).toBe('http://a');
  expect(through('http://10.0.0.10', { HTTPS_PROXY: 'http://a' })).toBeNull();
});

test('this machine is never asked for through a proxy', () => {
  for (const server of ['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443'])
    expect(through(server, { HTTPS_PROXY: 'http://a' })).toBeNull();
});

test.each([
  ['*', 'https://gpu.lab', false],
  ['lab', 'https://gpu.lab', false],
  ['.lab', 'https://gpu.lab', false],
  ['.gpu.lab', 'https://gpu.lab', true],
  ['gpu.lab:443', 'https://gpu.lab', false],
  ['gpu.lab:6443', 'https://gpu.lab', true],
  ['other, GPU.LAB', 'https://gpu.lab', false],
  ['xgpu.lab', 'https://gpu.lab', true],
  ['10.0.0.0/8', 'https://10.1.2.3:6443', false],
  ['10.0.0.0/16', 'https://10.1.2.3:6443', true],
  ['10.1.2.3', 'https://10.1.2.3:6443', false],
  ['fd00::/8', 'https://[fd00::1]:6443', false],
  ['10.0.0.0/99', 'https://10.1.2.3:6443', true],
])('NO_PROXY=%s for %s: through the proxy %s', (list, server, proxied) => {
  expect(through(server, { HTTPS_PROXY: 'http://a', NO_PROXY: list }) !== null).toBe(proxied);
});

function through(server: string, env: Readonly<Record<string, string>>): string | null {
  return envProxy(new URL(server), env);
}
