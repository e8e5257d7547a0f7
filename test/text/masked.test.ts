import { describe, expect, it } from 'vitest';
import { isSecretName, masked } from '../../src/text/masked.js';

describe('secrets in texts', () => {
  it.each([
    ['kubeadm join lb:6443 --token abcdef.0123456789abcdef', 'kubeadm join lb:6443 --token [masked]'],
    ['kubeadm token abcdef.0123456789abcdef created', 'kubeadm token [masked] created'],
    ['--certificate-key=9a8b7c6d', '--certificate-key=[masked]'],
    ['{"apiVersion":"v1","token":"s3cr3t","name":"x"}', '{"apiVersion":"v1","token":[masked],"name":"x"}'],
    ['HF_TOKEN=hf_abcdefghijklmnop python', 'HF_TOKEN=[masked] python'],
    ['use hf_abcdefghijklmnop here', 'use [masked] here'],
    ['password: "two words" next', 'password: [masked] next'],
    ['Authorization: Bearer sha256~abcdefgh', 'Authorization: Bearer [masked]'],
    ['git clone https://ops:pw@git.lab/x', 'git clone https://[masked]@git.lab/x'],
    ['client-key-data: LS0tLS1CRUdJTg==', 'client-key-data: [masked]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '[masked]'],
    [
      'POST /api/v1/namespaces/ai/secrets {"kind":"Secret","data":{"a":"Zm9v","b":"YmFy"}}',
      'POST /api/v1/namespaces/ai/secrets {"kind":"Secret","data":{"[masked]":"[masked]"}}',
    ],
    [`echo ${'QUJD'.repeat(60)}`, 'echo [masked]'],
  ])('are masked: %s', (text, safe) => expect(masked(text)).toBe(safe));

  it.each([
    'PATCH /apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin {"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}',
    '{"automountServiceAccountToken":false,"imagePullSecrets":[{"name":"ngc"}],"secretName":"grafana-tls"}',
    'gpu-2# chmod 600 /home/ops/.kube/config',
    'the token of gpu-3 has expired',
    'not allowed to get secrets in ai',
    'gpu-1# systemctl restart kubelet',
    '--discovery-token-ca-cert-hash sha256:1234',
    'http://10.0.0.12:9400/metrics: connection refused',
  ])('are not seen where there are none: %s', (text) => expect(masked(text)).toBe(text));

  it('are known by their names', () => {
    for (const name of ['token', 'hfToken', 'DB_PASSWORD', 'certificate-key', 'client-key-data']) expect(isSecretName(name)).toBe(true);
    for (const name of ['host', 'unit', 'key', 'secretName', 'namespace']) expect(isSecretName(name)).toBe(false);
  });
});
