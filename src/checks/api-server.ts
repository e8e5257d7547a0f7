import { threshold } from '../config/thresholds.js';
import type { Connection } from '../state/connection.js';
import type { Fix } from '../state/report.js';
import { duration } from '../text/age.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { controlPlanes } from './control-planes.js';
import { hostCertificates } from './host-certificates.js';
import { nodeReasons } from './machine-reasons.js';
import { machineOf } from './node-fix.js';
import type { Sight } from './sight.js';
import { clause, counted, listed } from './wording.js';

export const apiServerReady: Check = defineCheck({
  id: 'apiserver-ready',
  title: 'the API server is ready',
  severity: 'critical',
  dependsOn: [...nodeReasons, 'coming-back', 'mounts'],
  look(sight) {
    const { connection, readyz } = sight.snapshot;
    if (connection.status !== 'connected') {
      // Where each machine that could answer has trouble of its own, that is why none does.
      const explainedBy = connection.status === 'lost' ? controlPlanes(sight.snapshot).map((object) => [object, 'api']) : [];
      return [{ object: 'cluster', status: 'unknown', message: notConnected(connection, sight.now), fix: wayIn(connection), explainedBy }];
    }
    if (readyz.freshness.status === 'denied' || readyz.freshness.status === 'absent') {
      return [
        {
          object: 'cluster',
          status: 'unknown',
          severity: 'warning',
          message: `answers in ${millis(connection.roundTripMs)}, but keeps /readyz from this user`,
        },
      ];
    }
    const seen = sight.see('readyz');
    const failing = seen.checks.filter((check) => !check.ok).map((check) => check.name);
    if (seen.ready && failing.length === 0) return [{ object: 'cluster', status: 'pass', message: `ready${counting(seen.checks.length)}` }];
    return [
      {
        object: 'cluster',
        status: 'fail',
        message: `The API server answers but is not ready: ${failing.length > 0 ? `${listed(failing)} failing` : 'it says so without a reason'}`,
        fix: {
          summary: 'See which of its own checks fails, then its static pods, etcd and certificates',
          command: sight.kubectl('get', '--raw', '/readyz?verbose'),
        },
        explains: ['api'],
      },
    ];
  },
});

export const etcdHealth: Check = defineCheck({
  id: 'etcd-health',
  title: 'etcd answers the API server',
  severity: 'critical',
  look(sight) {
    const { readyz } = sight.snapshot;
    if (readyz.freshness.status === 'denied' || readyz.freshness.status === 'absent') {
      return [{ object: 'cluster', status: 'unknown', severity: 'warning', message: 'the API server keeps /readyz from this user' }];
    }
    const lines = sight.see('readyz').checks.filter((check) => check.name === 'etcd' || check.name.startsWith('etcd-'));
    if (lines.length === 0) return [{ object: 'cluster', status: 'skipped', message: 'this API server reports nothing about etcd' }];
    if (lines.every((check) => check.ok)) return [{ object: 'cluster', status: 'pass', message: 'healthy' }];
    return [
      {
        object: 'cluster',
        status: 'fail',
        message: 'etcd does not answer the API server as it should (/readyz/etcd fails)',
        fix: etcdFix(sight),
        explains: ['api-check'],
      },
    ];
  },
});

export const certificates: Check = defineCheck({
  id: 'certs',
  title: 'certificates last',
  severity: 'critical',
  dependsOn: ['hosts', 'coming-back', 'node-ready'],
  look(sight) {
    // Certificates on the machines' disks can be seen, and be the reason, while the API server cannot.
    const onDisk = hostCertificates(sight);
    const told = onDisk.filter(({ status }) => status !== 'skipped');
    const { connection } = sight.snapshot;
    if (connection.status !== 'connected') return [{ object: 'cluster', status: 'unknown', message: 'no connection to the API server' }, ...told];
    if (connection.certificateEndsAt === null) return [{ object: 'cluster', status: 'skipped', message: 'reached without TLS' }, ...told];
    const served = certificate(connection.certificateEndsAt, sight);
    // The same certificate again, from where it can be mended.
    return told.some(({ status, message }) => status === served.status && message.includes(' apiserver.crt ')) ? told : [served, ...told];
  },
});

function certificate(endsAt: number, sight: Sight): Observation {
  const left = endsAt - sight.now;
  const limit = (name: 'certsWarnDays' | 'certsCriticalDays') => threshold(sight.expectations.thresholds, name) * day;
  const fix = renewal(sight);
  if (left <= 0) return { object: 'cluster', status: 'fail', message: `The API server's certificate ended ${duration(-left)} ago`, fix };
  if (left < limit('certsCriticalDays')) return { object: 'cluster', status: 'fail', message: `The API server's certificate ends in ${duration(left)}`, fix };
  if (left < limit('certsWarnDays'))
    return { object: 'cluster', status: 'warn', severity: 'warning', message: `The API server's certificate ends in ${duration(left)}`, fix };
  return { object: 'cluster', status: 'pass', message: `ends in ${Math.floor(left / day)} days` };
}

function renewal(sight: Sight): Fix {
  const fix = { summary: 'Renew on each control plane node, then restart its static pods', command: 'sudo kubeadm certs renew all' };
  const [only, ...more] = [...(sight.peek('nodes')?.values() ?? [])].filter(({ roles }) => roles.includes('control-plane') || roles.includes('master'));
  // With several, which of them serves this certificate cannot be told from here.
  if (only === undefined || more.length > 0) return fix;
  return { ...fix, command: `ssh ${only.name} ${fix.command}`, operation: { id: 'renew-certificates', input: { host: machineOf(only.name, sight.snapshot) } } };
}

function notConnected(connection: Exclude<Connection, { status: 'connected' }>, now: number): string {
  switch (connection.status) {
    case 'unconfigured':
      return `No kubeconfig found (looked at ${listed(connection.looked, 6)})`;
    case 'unusable':
      return clause(connection.why);
    case 'connecting':
      return `Still connecting to ${connection.server}`;
    case 'lost': {
      const since = now - connection.since >= 10_000 ? ` for ${duration(now - connection.since)}` : '';
      return `The API server ${connection.server} ${trouble[connection.kind]}${since}: ${clause(connection.why)}`;
    }
  }
}

const trouble = {
  unreachable: 'does not answer',
  unauthorized: 'does not let this user in',
  tls: 'cannot be trusted',
  'not-kubernetes': 'is something else',
} as const;

function wayIn(connection: Exclude<Connection, { status: 'connected' }>): Fix | null {
  if (connection.status === 'unusable' || connection.status === 'lost') return connection.fix === null ? null : { summary: connection.fix, command: null };
  return null;
}

function etcdFix(sight: Sight): Fix {
  const etcd = [...(sight.peek('pods')?.values() ?? [])].find((pod) => pod.mirror && pod.name.startsWith('etcd-'));
  const command = etcd === undefined ? sight.kubectl('get', '--raw', '/readyz/etcd') : sight.kubectl('-n', etcd.namespace, 'logs', etcd.name, '--tail=50');
  return { summary: 'Read what etcd says: a full database (NOSPACE alarm), a slow disk, a lost member', command };
}

function counting(checks: number): string {
  return checks === 0 ? '' : `, ${counted(checks, 'check')} ok`;
}

function millis(value: number): string {
  return `${Math.round(value)} ms`;
}

const day = 24 * 60 * 60_000;
