import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream';
import { sendError } from './answer.js';
import { ApiError } from './api-error.js';
import type { ApiHooks } from './hooks.js';
import type { ProxyTarget } from './proxy-target.js';

/**
 * Hands a request on to where a service or pod really listens, and its answer back, both as streams. `base` is the path under
 * which the client sees the target; absolute redirects are rewritten to stay below it.
 */
export function forward(
  hooks: ApiHooks,
  request: IncomingMessage,
  response: ServerResponse,
  target: ProxyTarget,
  base: string,
  pathAndQuery: string,
): Promise<void> {
  const place = hooks.dial === undefined ? { host: target.ip, port: target.port } : hooks.dial(target.ip, target.port);
  const whole = `${target.scheme}://${target.ip}:${target.port}${pathAndQuery}`;
  if (place === null) throw refused(target, 'connect: connection refused');
  return new Promise((resolve) => {
    const send = target.scheme === 'https' ? httpsRequest : httpRequest;
    const upstream = send(
      {
        host: place.host,
        port: place.port,
        method: request.method,
        path: pathAndQuery,
        headers: { ...forwardedHeaders(request.headers), host: `${target.ip}:${target.port}` },
        // The real server does not check a backend's certificate either.
        ...(target.scheme === 'https' ? { rejectUnauthorized: false } : {}),
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers, target, base, whole));
        pipeline(answer, response, () => resolve());
      },
    );
    upstream.on('error', (error) => {
      sendError(request, response, refused(target, error.message));
      resolve();
    });
    response.once('close', () => {
      upstream.destroy();
      resolve();
    });
    pipeline(request, upstream, () => {});
  });
}

function refused(target: ProxyTarget, why: string): ApiError {
  return new ApiError(
    503,
    'ServiceUnavailable',
    `error trying to reach service: dial tcp ${target.ip}:${target.port}: ${why.replace(/^connect ECONNREFUSED.*$/, 'connect: connection refused')}`,
  );
}

/** The client's credentials stay here, and so does what concerns this connection only. */
const ownHeaders = ['authorization', 'connection', 'keep-alive', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host'];

function forwardedHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const chunked = headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' };
  return { ...Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.includes(name))), ...chunked };
}

function answerHeaders(headers: IncomingHttpHeaders, target: ProxyTarget, base: string, whole: string): IncomingHttpHeaders {
  const { connection: _, 'keep-alive': __, ...rest } = headers;
  const location = headers.location;
  if (location === undefined || !URL.canParse(location, whole)) return rest;
  const url = new URL(location, whole);
  if (url.host !== `${target.ip}:${target.port}` && location.includes('//')) return rest;
  return { ...rest, location: `${base}${url.pathname}${url.search}${url.hash}` };
}
