import { afterEach, beforeEach, expect, test } from 'vitest';
import { podLog } from '../../src/kube/pod-logs.js';
import { type ScriptedApi, scriptedApi, status } from './api-server.js';
import { clientFor } from './client-for.js';

const path = '/api/v1/namespaces/kube-system/pods/nvidia-device-plugin-x7k2p/log';
const request = { namespace: 'kube-system', pod: 'nvidia-device-plugin-x7k2p', container: 'ctr' };

let api: ScriptedApi & AsyncDisposable;
let client: ReturnType<typeof clientFor>;
beforeEach(async () => {
  api = await scriptedApi();
  client = clientFor(api.url);
});
afterEach(async () => {
  client.close();
  await api[Symbol.asyncDispose]();
});

const answer = (text: string) => api.on(path, (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(text));

test('the end of a log comes line by line with its times', async () => {
  answer(
    '2026-11-02T14:00:00.121000123Z I1102 14:00:00.121000       1 main.go:238] "Starting"\n2026-11-02T14:00:00.124050Z No devices found. Waiting indefinitely.\n',
  );
  expect(await podLog(client, request)).toEqual([
    { at: Date.UTC(2026, 10, 2, 14, 0, 0, 121), text: 'I1102 14:00:00.121000       1 main.go:238] "Starting"' },
    { at: Date.UTC(2026, 10, 2, 14, 0, 0, 124), text: 'No devices found. Waiting indefinitely.' },
  ]);
  const [call] = api.calls;
  expect(Object.fromEntries(call?.query ?? [])).toEqual({ container: 'ctr', tailLines: '200', limitBytes: '65536', timestamps: 'true' });
});

test('the log of the run before is asked for by name', async () => {
  answer('');
  expect(await podLog(client, { ...request, previous: true })).toEqual([]);
  expect(api.calls[0]?.query.get('previous')).toBe('true');
});

test('colours, control characters and lines without a time do no harm', async () => {
  answer('2026-11-02T14:00:00Z \u001b[31mGPU is lost\u001b[0m\u0007\nunable to retrieve container logs for containerd://1f2c\n');
  expect(await podLog(client, request)).toEqual([
    { at: Date.UTC(2026, 10, 2, 14), text: 'GPU is lost' },
    { at: null, text: 'unable to retrieve container logs for containerd://1f2c' },
  ]);
});

test('of long lines the newest are read, not the first that fit', async () => {
  const line = (index: number) => `2026-11-02T14:00:00Z ${index} ${'x'.repeat(1000)}`;
  api.on(path, ({ query }, response) => {
    const lines = Array.from({ length: Number(query.get('tailLines')) }, (_, index) => line(1000 - Number(query.get('tailLines')) + index));
    response.writeHead(200, { 'content-type': 'text/plain' }).end(lines.join('\n').slice(0, Number(query.get('limitBytes'))));
  });
  const lines = await podLog(client, request);
  expect(lines.at(-1)?.text).toMatch(/^999 x/);
  expect(lines).toHaveLength(25);
});

test('a user who may not read logs is told so', async () => {
  api.on(path, (_, response) => status(response, 403, 'pods "nvidia-device-plugin-x7k2p" is forbidden'));
  await expect(podLog(client, request)).rejects.toMatchObject({ kind: 'forbidden' });
});

test('names are data, not parts of the path', async () => {
  api.on('*', (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(''));
  await podLog(client, { ...request, pod: '../secrets' });
  expect(api.calls[0]?.path).toBe('/api/v1/namespaces/kube-system/pods/..%2Fsecrets/log');
});
