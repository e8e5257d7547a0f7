import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * The proxy that Go programs such as kubectl take from the environment for a URL (golang.org/x/net/http/httpproxy): HTTPS_PROXY or HTTP_PROXY by
 * the URL's scheme, upper case first, unless NO_PROXY matches; never for localhost. null for none.
 */
export function envProxy(url: URL, env: Readonly<Record<string, string | undefined>>): string | null {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[name] || env[name.toLowerCase()];
  if (proxy === undefined || proxy === '') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return null;
  const { NO_PROXY, no_proxy } = env;
  const port = url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
  if (excluded(host, port, NO_PROXY || no_proxy || '')) return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function excluded(host: string, port: string, list: string): boolean {
  return list.split(',').some((raw) => {
    const entry = raw.trim().toLowerCase();
    if (entry === '') return false;
    if (entry === '*') return true;
    if (entry.includes('/')) return inRange(host, entry);
    const [, name = '', ownPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) > 0 ? `[${entry}]` : entry) ?? [];
    if (ownPort !== undefined && ownPort !== port) return false;
    if (isIP(name) > 0) return name === host;
    const suffix = name.replace(/^\*?\./, '');
    return (!/^\*?\./.test(name) && host === suffix) || host.endsWith(`.${suffix}`);
  });
}

function inRange(host: string, range: string): boolean {
  const version = isIP(host);
  const [network = '', bits = ''] = range.split('/');
  if (version === 0 || isIP(network) !== version || !/^\d+$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return block.check(host, family);
}
