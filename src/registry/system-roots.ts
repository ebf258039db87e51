/**
 * The certificate authorities that this machine trusts.
 *
 * Node brings a list of its own; those that an administrator has added are in
 * the files of the distribution. Read once.
 */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

let roots: readonly string[] | undefined;

export function systemRoots(): readonly string[] {
  roots ??= [
    ...rootCertificates,
    ...[process.env.SSL_CERT_FILE, ...BUNDLES]
      .map(textOf)
      .filter((text) => text !== '')
      .slice(0, 1),
  ];
  return roots;
}

function textOf(path: string | undefined): string {
  try {
    return path === undefined ? '' : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
