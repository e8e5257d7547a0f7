import { isIPv6, SocketAddress } from 'node:net';
import { at, isObject, list, text } from '../../kube/json.js';
import { projectNode } from '../../kube/projections/node.js';
import type { Node } from '../../state/nodes.js';
import { counted, listed } from '../../text/wording.js';
import { parseCertificateRequest } from '../certificate-request.js';
import { forbidden, nameOf, readObjects, uidOf } from '../cluster-reading.js';
import { defineFix, nothingToDo } from '../fix.js';
import type { Operation } from '../operation.js';
import { requestChange } from '../steps.js';
import { askUntil } from '../verification.js';

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const signer = 'kubernetes.io/kubelet-serving';

/** Approves what kubelets ask for to serve their own port with, once it is clear that each asks for its own node's names only. */
export const approveCsrs: Operation = defineFix({
  id: 'approve-csrs',
  title: "approve the kubelets' pending serving certificates",
  fields: {},
  headline: () => "Approve the kubelets' pending serving certificates",
  subject: (_, world) => world.context,
  async propose(_, world) {
    const pending = (await readObjects(world, path, { fieldSelector: `spec.signerName=${signer}` })).filter(isPending);
    if (pending.length === 0) throw nothingToDo('no serving certificate of a kubelet waits for approval');
    const nodes = new Map((await readObjects(world, '/api/v1/nodes')).flatMap((object) => projectNode(object) ?? []).map((node) => [node.name, node]));
    const judged = pending.map((object) => ({ object, name: nameOf(object), node: requestingNode(object), why: suspicion(object, nodes) }));
    const good = judged.filter(({ why }) => why === null);
    const bad = judged.filter(({ why }) => why !== null);
    const goal = `no serving certificate of ${good.length === 1 ? (good[0]?.node ?? 'a kubelet') : `${good.length} kubelets`} waits for approval`;
    return {
      title: `Approve ${counted(good.length, 'serving certificate')} of kubelets`,
      risk: 'safe',
      changes: good.map(({ object, name, node }) => approval(object, name, node)),
      warnings: bad.map(({ name, why }) => `${name} is left out: ${why}`),
      blockers: [
        ...(good.length === 0 ? ['none of the requests can be approved unseen'] : []),
        ...(await forbidden(world, { verb: 'update', resource: 'certificatesigningrequests.certificates.k8s.io/approval' })),
      ],
      undo: null,
      goal,
      verify: (seen, signal) =>
        askUntil(signal, {
          within: 30_000,
          goal,
          read: () => readObjects(seen, path, { fieldSelector: `spec.signerName=${signer}` }),
          missing(objects) {
            const wanted = new Set(good.map(({ object }) => uidOf(object)));
            const left = objects.filter((object) => wanted.has(uidOf(object)) && isPending(object)).map(nameOf);
            return left.length === 0 ? null : `${listed(left)} still ${left.length === 1 ? 'waits' : 'wait'} for approval`;
          },
        }),
    };
  },
});

/** The whole object goes back, as the API wants it; its resourceVersion says that nobody has judged it meanwhile (else 409). */
function approval(object: unknown, name: string, node: string) {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'ApprovedByOperator',
    message: 'Approved with gpuk8s-tui: its names and addresses are those of the node',
  };
  const { managedFields: _, ...metadata } = fieldsOf(at(object, 'metadata'));
  return requestChange({
    object: `csr/${name}`,
    text: `Approve the serving certificate of ${node}`,
    path: `${path}/${encodeURIComponent(name)}/approval`,
    method: 'PUT',
    body: { ...fieldsOf(object), apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata, status: { conditions: [condition] } },
    alsoDone: { 404: 'already gone' },
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

function isPending(object: unknown): boolean {
  return text(at(object, 'spec', 'signerName')) === signer && list(at(object, 'status', 'conditions')).length === 0;
}

function requestingNode(object: unknown): string {
  return (text(at(object, 'spec', 'username')) ?? '').replace(/^system:node:/, '');
}

/** Why a request is not what a kubelet asks for about itself; null where it is. The rules are those of the signer (Kubernetes, "certificate signing requests"), and that names and addresses be the node's. */
export function suspicion(object: unknown, nodes: ReadonlyMap<string, Node>): string | null {
  const user = text(at(object, 'spec', 'username')) ?? 'nobody';
  if (!user.startsWith('system:node:')) return `${user} asks for it, which is no node`;
  const node = nodes.get(requestingNode(object));
  if (node === undefined) return `there is no node ${requestingNode(object)}`;
  const strange = list(at(object, 'spec', 'usages')).filter(
    (usage) => usage !== 'digital signature' && usage !== 'key encipherment' && usage !== 'server auth',
  );
  if (strange.length > 0) return `it is to be used for ${listed(strange.map(String))}`;
  const encoded = at(object, 'spec', 'request');
  const asked = parseCertificateRequest(Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64').toString('utf8'));
  if (asked === null) return 'its request cannot be read';
  if (asked.commonName !== user) return `it asks for the name ${text(asked.commonName, 80) ?? 'of nobody'}`;
  if (asked.organizations.length !== 1 || asked.organizations[0] !== 'system:nodes') return 'it asks for another group than system:nodes';
  const own = new Set([node.name, ...node.addresses.map(({ address }) => canonical(address))]);
  const foreign = [...asked.dnsNames, ...asked.addresses.map(canonical)].filter((name) => !own.has(name));
  if (foreign.length > 0) return `it asks for ${listed(foreign.map((name) => text(name, 80) ?? ''))}, which node ${node.name} does not have`;
  return asked.dnsNames.length + asked.addresses.length === 0 ? 'it asks for no name and no address' : null;
}

function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}
