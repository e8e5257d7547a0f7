import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Passes requests on to a base URL (http or https, path included) from a port of 127.0.0.1, for callers that know only host and port. */
export async function startForwarder(target: URL): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => forward(target, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(target: URL, request: IncomingMessage, response: ServerResponse): void {
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const path = `${target.pathname.replace(/\/$/, '')}${request.url ?? '/'}`;
  const outgoing = send(
    { hostname: target.hostname, port: target.port, path, method: request.method, headers: { ...request.headers, host: target.host } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on('error', (error) => {
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
    response.end(`${target.host}: ${error.message}\n`);
  });
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
