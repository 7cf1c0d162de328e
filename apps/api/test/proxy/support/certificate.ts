import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { needs } from '../../../../../test/support/needs.ts';

/** Paths of a certificate for `localhost` and its key, in PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes one in this folder unless it has one, signed by itself; this process trusts it from then on. Needs openssl. */
export function certificateIn(folder: string): Certificate {
  const paths = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  if (existsSync(paths.certificate)) return paths;
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', paths.key, '-out', paths.certificate];
  execFileSync(String(needs('openssl')), ['req', '-x509', ...kind, ...name, ...files], { stdio: 'pipe' });
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(paths.certificate, 'utf8')]);
  return paths;
}
