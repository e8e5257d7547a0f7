import { describe, expect, it } from 'vitest';
import { parseCertificateRequest } from '../../../src/operations/certificate-request.js';
import { approveCsrs } from '../../../src/operations/fixes/approve-csrs.js';
import { aScene, done } from './a-scene.js';
import { bareRequest, foreignRequest, goodRequest, mastersRequest } from './certificate-requests.js';

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const nodes = {
  '/api/v1/nodes': {
    items: [
      {
        metadata: { name: 'gpu-1' },
        status: {
          addresses: [
            { type: 'InternalIP', address: '10.0.0.11' },
            { type: 'Hostname', address: 'gpu-1' },
          ],
        },
      },
    ],
  },
};

function aRequest(name: string, pem: string, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    metadata: { name, uid: `csr-${name}`, resourceVersion: '42' },
    spec: {
      signerName: 'kubernetes.io/kubelet-serving',
      username: 'system:node:gpu-1',
      usages: ['digital signature', 'server auth'],
      request: Buffer.from(pem).toString('base64'),
      ...overrides,
    },
    status: {},
  };
}

describe('a certificate request', () => {
  it('is read as far as its subject and names', () => {
    expect(parseCertificateRequest(foreignRequest)).toEqual({
      commonName: 'system:node:gpu-1',
      organizations: ['system:nodes'],
      dnsNames: ['gpu-1', 'kubernetes.default'],
      addresses: ['10.0.0.11', 'fd00:0:0:0:0:0:0:1'],
    });
    expect(parseCertificateRequest(bareRequest)).toMatchObject({ dnsNames: [], addresses: [] });
  });

  it('that is cut off or none at all is none', () => {
    expect(parseCertificateRequest(goodRequest.replace(/IhAJvT[\s\S]*=/, ''))).toBeNull();
    expect(parseCertificateRequest('hello')).toBeNull();
    expect(parseCertificateRequest('-----BEGIN CERTIFICATE REQUEST-----\n////\n-----END CERTIFICATE REQUEST-----')).toBeNull();
  });
});

describe('approve-csrs', () => {
  it('approves what a kubelet asks for about itself, and sees it approved', async () => {
    let approved = false;
    const request = aRequest('csr-1', goodRequest);
    const objects = { ...nodes, [path]: () => ({ items: [approved ? { ...request, status: { conditions: [{ type: 'Approved' }] } } : request] }) };
    const scene = aScene({
      objects,
      answer: () => {
        approved = true;
        return null;
      },
    });
    const { plan } = await approveCsrs.plan({}, scene);
    expect(plan).toMatchObject({ title: 'Approve 1 serving certificate of kubelets', risk: 'safe', warnings: [], blockers: [] });
    const { exact } = plan.items[0] ?? { exact: '' };
    expect(exact).toContain(`PUT ${path}/csr-1/approval {"metadata":{"name":"csr-1","uid":"csr-csr-1","resourceVersion":"42"},"spec":{`);
    expect(exact).toContain('"status":{"conditions":[{"type":"Approved","status":"True"');
    expect((await done(approveCsrs, {}, scene)).verification).toEqual({ seen: true, text: 'no serving certificate of gpu-1 waits for approval' });
  });

  it('leaves out whoever asks for more than the names of the node', async () => {
    const items = [
      aRequest('good', goodRequest),
      aRequest('foreign', foreignRequest),
      aRequest('masters', mastersRequest),
      aRequest('bare', bareRequest),
      aRequest('human', goodRequest, { username: 'mallory' }),
      aRequest('stranger', goodRequest, { username: 'system:node:gpu-9' }),
      aRequest('client', goodRequest, { usages: ['client auth'] }),
      aRequest('torn', 'hello'),
    ];
    const { plan } = await approveCsrs.plan({}, aScene({ objects: { ...nodes, [path]: { items } } }));
    expect(plan.items.map(({ object }) => object)).toEqual(['csr/good']);
    expect(plan.warnings).toEqual([
      'foreign is left out: it asks for kubernetes.default and fd00::1, which node gpu-1 does not have',
      'masters is left out: it asks for another group than system:nodes',
      'bare is left out: it asks for no name and no address',
      'human is left out: mallory asks for it, which is no node',
      'stranger is left out: there is no node gpu-9',
      'client is left out: it is to be used for client auth',
      'torn is left out: its request cannot be read',
    ]);
  });

  it('cannot be done where none is in order, and finds nothing to do where none waits', async () => {
    const only = { ...nodes, [path]: { items: [aRequest('masters', mastersRequest)] } };
    expect((await approveCsrs.plan({}, aScene({ objects: only }))).plan.blockers).toEqual(['none of the requests can be approved unseen']);
    await expect(approveCsrs.plan({}, aScene({ objects: { ...nodes, [path]: { items: [] } } }))).rejects.toThrow(
      'nothing to do: no serving certificate of a kubelet waits for approval',
    );
  });
});
