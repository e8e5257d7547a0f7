import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerReview } from './access-reviews.js';
import { sendError, sendJson, sendText } from './answer.js';
import { ApiError } from './api-error.js';
import { type ApiUser, allowsAction, authorize, forbiddenTo, unauthorized } from './authorization.js';
import { readJson } from './body.js';
import type { ApiContext } from './context.js';
import { aggregatedDiscovery, groupByName, groupList, resourceList } from './discovery.js';
import { answerExec, nothingThere } from './exec.js';
import { reviewResources } from './group-resources.js';
import { answerHealth } from './health.js';
import { isObject } from './json.js';
import { answerMetrics } from './metrics-api.js';
import { openApiDocument, openApiIndex, swagger, swaggerProtobuf } from './openapi.js';
import { boundUser } from './rbac.js';
import { methodNotAllowed, pathNotFound } from './refusals.js';
import { type ResourceRequest, requestInfo } from './request-info.js';
import { answerResource } from './resources.js';
import { Snapshots } from './snapshots.js';

/** Takes one request from its headers to its answer: who is it, what is wanted, may they, do it. */
export class Router {
  readonly #context: ApiContext;
  readonly #users: ReadonlyMap<string, ApiUser>;

  constructor(options: Omit<ApiContext, 'snapshots'>) {
    this.#context = { ...options, snapshots: new Snapshots() };
    this.#users = new Map(options.users.map((user) => [user.token, user]));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://kubernetes');
    const info = requestInfo(request.method ?? 'GET', url.pathname, url.searchParams);
    try {
      if (info.type === 'path' && isHealth(info.path) && request.headers.authorization === undefined) {
        this.#health(request, response, info.path, url.searchParams);
        return;
      }
      const user = this.#authenticate(request);
      if (!(info.type === 'path' && isHealth(info.path))) {
        const refusal = this.#context.gates.refuse?.(request) ?? null;
        if (refusal !== null) throw refusal;
      }
      authorize(user, info);
      if (info.type === 'path') this.#path(request, response, info.path, url.searchParams);
      else await this.#resource(request, response, info, url, user);
    } catch (error) {
      sendError(request, response, error);
    }
  }

  /** Takes a request to go on with another protocol: commands in pods. Where it can't be done, says so in HTTP and ends the connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    const url = new URL(request.url ?? '/', 'https://kubernetes');
    const info = requestInfo(request.method ?? 'GET', url.pathname, url.searchParams);
    try {
      const user = this.#authenticate(request);
      // Since 1.35 the right to create is asked for, whichever method begins the upgrade.
      authorize(user, info.type === 'resource' ? { ...info, verb: 'create' } : info);
      const exec = info.type === 'resource' && info.group === '' && info.resource === 'pods' && info.subresource === 'exec';
      if (!exec) throw nothingThere();
      answerExec(this.#context, request, socket, head, info, url.searchParams);
    } catch (error) {
      socket.end(httpAnswer(error));
    }
  }

  forgetLists(): void {
    this.#context.snapshots.forget();
  }

  #authenticate(request: IncomingMessage): ApiUser {
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = token === undefined ? undefined : this.#users.get(token);
    if (user !== undefined) return this.#actingAs(user, request);
    // Who shows nothing is nobody in particular, who shows something wrong is refused.
    if (request.headers.authorization === undefined && request.url?.startsWith('/version') === true)
      return { name: 'system:anonymous', token: '', role: 'view' };
    throw unauthorized();
  }

  /** Who is meant by `--as` and `--as-group`, where the user may act for others. */
  #actingAs(user: ApiUser, request: IncomingMessage): ApiUser {
    const name = request.headers['impersonate-user'];
    if (typeof name !== 'string') return user;
    const groups = request.headersDistinct['impersonate-group'] ?? [];
    for (const [resource, wanted] of [['users', name], ...groups.map((group) => ['groups', group] as const)] as const) {
      const asked = { type: 'resource', verb: 'impersonate', group: '', resource, subresource: undefined, name: wanted, namespace: undefined } as const;
      if (!allowsAction(user, { ...asked, subresource: '', namespace: '' })) throw forbiddenTo(user, asked);
    }
    return this.#userNamed(name, groups);
  }

  #userNamed(name: string, groups: readonly string[]): ApiUser {
    return this.#context.users.find((each) => each.name === name) ?? boundUser(this.#context.store, name, groups);
  }

  #path(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed();
    if (isHealth(path)) {
      this.#health(request, response, path, query);
      return;
    }
    const { catalog, version } = this.#context;
    const [first, second, third, ...more] = path.split('/').filter((part) => part !== '');
    const accept = request.headers.accept ?? '';
    if (first === 'openapi' && second === 'v2' && accept.includes('proto-openapi.spec.v2')) {
      response.writeHead(200, { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' });
      response.end(swaggerProtobuf(version));
      return;
    }
    if ((first === 'api' || first === 'apis') && second === undefined && accept.includes('as=APIGroupDiscoveryList')) {
      const found = ['v2', 'v2beta1'].find((each) => accept.includes(`v=${each};`) || accept.endsWith(`v=${each}`) || accept.includes(`v=${each},`)) ?? 'v2';
      const type = `application/json;g=apidiscovery.k8s.io;v=${found};as=APIGroupDiscoveryList`;
      sendJson(request, response, 200, { ...aggregatedDiscovery(catalog, first === 'api'), apiVersion: `apidiscovery.k8s.io/${found}` }, type);
      return;
    }
    const document = this.#document(first, second, third, more, request);
    if (document === null) throw pathNotFound();
    sendJson(request, response, 200, document);
  }

  #document(first = '', second: string | undefined, third: string | undefined, more: readonly string[], request: IncomingMessage): object | null {
    const { catalog, version } = this.#context;
    switch (first) {
      case '':
        return { paths: ['/api', '/api/v1', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] };
      case 'version':
        return second === undefined ? versionDocument(version) : null;
      case 'api':
        if (second !== undefined) return third === undefined ? resourceList(catalog, '', second) : null;
        return {
          kind: 'APIVersions',
          versions: ['v1'],
          serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: request.headers.host ?? '' }],
        };
      case 'apis':
        if (second === undefined) return groupList(catalog);
        return third === undefined ? groupByName(catalog, second) : resourceList(catalog, second, third);
      case 'openapi':
        if (second === 'v2') return swagger(version);
        if (second !== 'v3') return null;
        return third === undefined ? openApiIndex(catalog) : openApiDocument(catalog, [third, ...more].join('/'), version);
      default:
        return null;
    }
  }

  #health(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): void {
    const answer = answerHealth(path, query, (check) => this.#context.gates.failingCheck?.(check) ?? null);
    if (answer === null) throw pathNotFound();
    sendText(request, response, answer.status, answer.text);
  }

  async #resource(request: IncomingMessage, response: ServerResponse, info: ResourceRequest, url: URL, user: ApiUser): Promise<void> {
    const review = info.version === 'v1' ? reviewResources.find((each) => each.group === info.group && each.plural === info.resource) : undefined;
    if (review !== undefined) {
      if (info.verb !== 'create') throw methodNotAllowed();
      const body = await readJson(request);
      const answer = isObject(body) ? answerReview(review.plural, body, user, (name, groups) => this.#userNamed(name, groups)) : null;
      if (answer === null) throw new ApiError(400, 'BadRequest', 'error decoding: not an object');
      sendJson(request, response, 201, { kind: review.kind, apiVersion: `${review.group}/v1`, ...answer });
      return;
    }
    if (info.group === 'metrics.k8s.io' && this.#context.catalog.has(info.group, info.version)) {
      answerMetrics(this.#context.hooks, request, response, info, url.searchParams);
      return;
    }
    const type = this.#context.catalog.find(info.group, info.version, info.resource);
    if (type === null || (!type.namespaced && info.namespace !== undefined && info.resource !== 'namespaces')) throw pathNotFound();
    await answerResource(this.#context, request, response, { type, info, query: url.searchParams, search: url.search });
  }
}

function httpAnswer(error: unknown): string {
  const { status, ...failure } =
    error instanceof ApiError ? { status: error.status, body: error.toStatus() } : { status: 500, body: { message: String(error) } };
  const body = JSON.stringify(failure.body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function isHealth(path: string): boolean {
  return /^\/(?:readyz|livez|healthz)(?:\/|$)/.test(path);
}

function versionDocument(version: string): object {
  const [major = '1', minor = ''] = version.replace(/^v/, '').split('.');
  return {
    major,
    minor,
    gitVersion: version,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-08-12T10:00:00Z',
    goVersion: 'go1.26.1',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
