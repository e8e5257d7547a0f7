import { randomBytes } from 'node:crypto';
import { objectIn } from './json-body.js';
import { json, type Reply, type Request } from './reply.js';

/** Who is logged in to the demo's Grafana, by its cookie. */
export interface Sessions {
  /** `POST /login` with `{"user":…,"password":…}`. */
  logIn(request: Request): Reply;
  /** `GET /logout`. */
  logOut(request: Request): Reply;
  /** By cookie or basic authentication; the refusal for one who gives a wrong password. */
  whoAsks(request: Request): 'admin' | 'visitor' | Reply;
}

export function createSessions(): Sessions {
  const open = new Set<string>();
  return {
    logIn({ body }) {
      const { user, password } = objectIn(body) ?? {};
      if (typeof user !== 'string' || typeof password !== 'string')
        return json(400, { message: 'bad login data', messageId: '', statusCode: 400, traceID: '' });
      if (!isRight(user, password)) return wrong;
      const token = randomBytes(16).toString('hex');
      open.add(token);
      const cookies = [
        `${cookie}=${token}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax`,
        `${cookie}_expiry=${Math.floor(Date.now() / 1000) + 594}; Path=/; Max-Age=2592000; SameSite=Lax`,
      ];
      return { status: 200, type: 'application/json', body: JSON.stringify({ message: 'Logged in', redirectUrl: '/' }), headers: { 'Set-Cookie': cookies } };
    },
    logOut(request) {
      open.delete(tokenIn(request));
      return {
        status: 302,
        type: 'text/html; charset=utf-8',
        body: '<a href="/login">Found</a>.\n\n',
        headers: { Location: '/login', 'Set-Cookie': [`${cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`] },
      };
    },
    whoAsks(request) {
      const [scheme, encoded] = (request.headers.authorization ?? '').split(' ');
      if (scheme?.toLowerCase() === 'basic') {
        const [user = '', ...password] = Buffer.from(encoded ?? '', 'base64')
          .toString('utf8')
          .split(':');
        return isRight(user, password.join(':')) ? 'admin' : wrong;
      }
      return open.has(tokenIn(request)) ? 'admin' : 'visitor';
    },
  };
}

const cookie = 'grafana_session';
const wrong = json(401, { message: 'Invalid username or password', messageId: 'password-auth.failed', statusCode: 401, traceID: '' });

function isRight(user: string, password: string): boolean {
  return user === 'admin' && password === 'admin';
}

function tokenIn({ headers }: Request): string {
  return /(?:^|;\s*)grafana_session=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? '';
}
