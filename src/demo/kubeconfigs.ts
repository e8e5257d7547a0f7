import { kubeconfigText } from './api/kubeconfig.js';

/** The demo's kubeconfig with an admin's and a viewer's context, and one for the viewer alone. */
export function kubeconfigs(server: string, caPem: string, adminToken: string, viewerToken: string): { kubeconfig: string; viewerKubeconfig: string } {
  const user = (name: string, token: string) => `- name: ${name}\n  user:\n    token: ${JSON.stringify(token)}\n`;
  const context = (name: string, as: string) => `- name: ${name}\n  context:\n    cluster: demo\n    user: ${as}\n`;
  const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: demo
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}
users:
${user('demo-admin', adminToken)}${user('demo-viewer', viewerToken)}contexts:
${context('demo', 'demo-admin')}${context('demo-viewer', 'demo-viewer')}current-context: demo
preferences: {}
`;
  return { kubeconfig, viewerKubeconfig: kubeconfigText({ server, caPem, user: 'viewer', token: viewerToken }) };
}
