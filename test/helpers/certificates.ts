import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as files and as PEM. */
export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** As in `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** Default 2; negative: it has expired. */
  readonly days?: number;
}

/** A CA with a directory of its own. */
export interface Authority {
  readonly certFile: string;
  readonly cert: string;
  issue(name: string, request?: CertificateRequest): Issued;
  /** Removes all it wrote. */
  remove(): void;
}

export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

/** Makes a CA by the openssl command. */
export function createAuthority(): Authority {
  const directory = mkdtempSync(join(tmpdir(), 'vipkeeper-certificates-'));
  const at = (file: string) => join(directory, file);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test CA');
  return {
    certFile: at('ca.pem'),
    cert: readFileSync(at('ca.pem'), 'utf8'),
    issue(name, { names = `DNS:${name}`, days = 2 } = {}) {
      const [key, csr, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map(
        (end) => `${name}.${end}`,
      );
      if (!key || !csr || !cert || !extensions) throw new Error('unreachable');
      openssl('req', ...newKey, '-keyout', key, '-out', csr, '-subj', `/CN=${name}`);
      writeFileSync(at(extensions), `subjectAltName=${names}\n`);
      const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
      const form = ['-days', String(days), '-extfile', extensions, '-out', cert];
      openssl('x509', '-req', '-in', csr, ...ca, ...form);
      return {
        certFile: at(cert),
        keyFile: at(key),
        cert: readFileSync(at(cert), 'utf8'),
        key: readFileSync(at(key), 'utf8'),
      };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
