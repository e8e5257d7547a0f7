import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { duration } from '../text/age.js';
import { clean } from '../text/clean.js';
import { KubeError } from './kube-error.js';

/** What is needed to say what went wrong on the way to a server. */
export interface Road {
  readonly server: URL;
  readonly tlsServerName: string | null;
  /** Through a proxy the server's certificate cannot be looked at directly. */
  readonly proxied: boolean;
}

/** An error of Node's sockets, DNS or TLS as one sentence with a remedy. Looks at the server's certificate where that is what failed. */
export async function transportError(error: unknown, road: Road, now: number): Promise<KubeError> {
  if (error instanceof KubeError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = clean(error instanceof Error ? error.message : String(error), 300);
  const host = clean(road.server.host);
  const unreachable = (why: string, fix: string) => new KubeError('unreachable', `${why}`, { fix, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return unreachable(`${host} refuses connections`, onControlPlane);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return unreachable(`the name ${clean(road.server.hostname)} cannot be resolved`, 'check DNS or /etc/hosts, and the server in the kubeconfig');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return unreachable(`no route to ${host}`, 'check that the machine is up and that the VPN or network is connected');
    case 'ETIMEDOUT':
    case 'ESOCKETTIMEDOUT':
      return unreachable(`${host} does not answer`, 'check that the machine is up, and firewalls in between');
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return unreachable(`${host} closed the connection`, onControlPlane);
    default:
      return (await tlsError(code, message, error, road, now)) ?? unreachable(`${host} cannot be reached: ${message}`, onControlPlane);
  }
}

const onControlPlane = 'on the control plane: sudo crictl ps -a --name kube-apiserver; systemctl status kubelet';

const unknownAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);

async function tlsError(code: string, message: string, error: unknown, road: Road, now: number): Promise<KubeError | null> {
  const host = clean(road.server.host);
  const tls = (why: string, fix: string) => new KubeError('tls', why, { fix, cause: error });
  if (code === 'CERT_HAS_EXPIRED') {
    const ended = dateOf((await shownCertificate(road))?.valid_to);
    const when = ended === null ? '' : ` on ${new Date(ended).toISOString().slice(0, 10)}, ${duration(now - ended)} ago`;
    return tls(
      `the certificate of ${host} expired${when}`,
      'on the control plane: sudo kubeadm certs renew all, then restart the static pods; if the date is right, check this machine’s clock',
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    const starts = dateOf((await shownCertificate(road))?.valid_from);
    return tls(
      `the certificate of ${host} is not valid before ${starts === null ? 'a later date' : new Date(starts).toISOString()}`,
      'check the clocks of this machine and of the server: timedatectl',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = namesOf(error instanceof Error && 'cert' in error ? error.cert : null);
    const wanted = clean(road.tlsServerName ?? road.server.hostname);
    const first = names.find((name) => !name.startsWith('*')) ?? 'NAME';
    return tls(
      `the certificate of ${host} is not for ${wanted}${names.length === 0 ? '' : `; it is for ${names.slice(0, 8).join(', ')}`}`,
      `set tls-server-name: ${first} in the kubeconfig's cluster, or use one of these names as server`,
    );
  }
  if (unknownAuthority.has(code)) {
    const issuer = (await shownCertificate(road))?.issuer.CN;
    const by = typeof issuer === 'string' ? ` (signed by ${clean(issuer)})` : '';
    return tls(
      `the certificate of ${host} is not signed by the kubeconfig's certificate authority${by}`,
      'was the cluster set up anew? fetch its kubeconfig again (/etc/kubernetes/admin.conf on the control plane)',
    );
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || /wrong version number|packet length too long/.test(message)) {
    return tls(`${host} does not speak TLS`, 'use http:// as the server in the kubeconfig if that is meant, or another port (6443 is usual)');
  }
  if (/alert.*(certificate|unknown ca)|bad certificate/i.test(message)) {
    return tls(
      `${host} does not accept our client certificate: ${message.replace(/^.*?:SSL routines:/, '')}`,
      'fetch the kubeconfig again, or: sudo kubeadm certs renew admin.conf',
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('ERR_OSSL') || code.startsWith('CERT_')) {
    return tls(`no TLS connection to ${host}: ${message}`, 'check certificate-authority and client certificate in the kubeconfig');
  }
  return null;
}

/** A second handshake, without anything sent over it, to see the certificate that the first one refused. null where none can be had. */
export function shownCertificate(road: Road): Promise<PeerCertificate | null> {
  if (road.proxied) return Promise.resolve(null);
  return new Promise((resolve) => {
    const hostname = road.server.hostname.replace(/^\[|\]$/g, '');
    const done = (certificate: PeerCertificate | null) => {
      socket.destroy();
      resolve(certificate);
    };
    const socket: TLSSocket = connect(
      {
        host: hostname,
        port: Number(road.server.port === '' ? 443 : road.server.port),
        ...(road.tlsServerName === null ? {} : { servername: road.tlsServerName }),
        rejectUnauthorized: false,
        timeout: 3000,
      },
      () => done(socket.getPeerCertificate()),
    );
    socket.once('error', () => done(null));
    socket.once('timeout', () => done(null));
  });
}

/** subjectaltname is `DNS:kubernetes, DNS:gpu-1, IP Address:10.0.0.10`. */
function namesOf(certificate: unknown): readonly string[] {
  if (typeof certificate !== 'object' || certificate === null || !('subjectaltname' in certificate) || typeof certificate.subjectaltname !== 'string')
    return [];
  return certificate.subjectaltname.split(', ').map((name) => clean(name.replace(/^[^:]*:/, '').replaceAll('"', ''), 100));
}

function dateOf(date: string | undefined): number | null {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? null : ms;
}
