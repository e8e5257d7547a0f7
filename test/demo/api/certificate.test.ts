import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeServingCertificate } from '../../../src/demo/api/certificate.js';

it('makes a server certificate that its own authority signed, for this machine', () => {
  const notAfter = new Date(Date.UTC(2050, 0, 2));
  const { caPem, certPem } = makeServingCertificate({ notAfter });
  const ca = new X509Certificate(caPem);
  const leaf = new X509Certificate(certPem);
  expect(ca.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.verify(ca.publicKey)).toBe(true);
  expect(leaf.checkIssued(ca)).toBe(true);
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect(new Date(leaf.validTo)).toEqual(notAfter);
  expect(leaf.subject).toBe('CN=kube-apiserver');
});
