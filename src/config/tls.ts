import { isAbsolute, join } from 'node:path/posix';
import { isMapping, valueAt } from './data.ts';
import {
  flawOfCertificates,
  flawOfKey,
  hasCertificate,
  isEncryptedKey,
  parseCertificate,
  parseKey,
} from './pem.ts';
import { type ConfigPath, type Finding, quote } from './problem.ts';
import { type ReferenceSource, readFailure } from './reference.ts';

/** What TLS needs, in PEM. The key and its passphrase are secrets. */
export interface TlsFiles {
  /** Certificates that vouch for servers. */
  readonly ca: string;
  /** Our certificate, and those between it and its CA. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  /** The name servers' certificates must bear, instead of the name each is reached by. */
  readonly serverName: string | undefined;
}

export interface TlsSource extends ReferenceSource {
  /** The configuration file; relative paths start from its folder. */
  readonly file: string;
}

export interface ReadTls {
  /** Undefined without `tls`, and with findings. */
  readonly tls: TlsFiles | undefined;
  readonly findings: readonly Finding[];
}

type FileKey = 'ca' | 'cert' | 'key';
type Mapping = Readonly<Record<string, unknown>>;

const tlsPath: ConfigPath = ['zookeeper', 'tls'];

const contents: Readonly<Record<FileKey, string>> = {
  ca: 'PEM certificates',
  cert: 'a PEM certificate',
  key: 'a PEM private key',
};

/** Where Debian and Alpine, Red Hat, SUSE, and BSD keep the CAs they trust. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Reads the files of `zookeeper.tls`, and checks what can be known before a server is asked. */
export function readTls(data: unknown, source: TlsSource): ReadTls {
  const written = valueAt(data, tlsPath);
  if (!isMapping(written)) return { tls: undefined, findings: [] };
  const findings: Finding[] = [...missingHalf(written)];
  const take = (key: FileKey): string | undefined => {
    const result = readPem(key, textAt(written, key), source);
    if (typeof result === 'object') findings.push(result);
    return typeof result === 'string' ? result : undefined;
  };
  const ca = written['ca'] === undefined ? systemCa(source) : take('ca');
  if (ca === undefined && written['ca'] === undefined) findings.push(noSystemCa);
  const cert = take('cert');
  const key = take('key');
  const passphrase = textAt(written, 'passphrase');
  if (key !== undefined) findings.push(...flawsOfPair(cert, key, passphrase));
  if (findings.length > 0 || ca === undefined) return { tls: undefined, findings };
  const tls = { ca, cert, key, passphrase, serverName: textAt(written, 'serverName') };
  return { tls, findings: refusedByOpenssl(tls) };
}

/** The path of a file that the configuration file names: relative ones start from its folder. */
export function pathFrom(file: string, path: string): string {
  return isAbsolute(path) ? path : join(file, '..', path);
}

/** Anything but a text is the schema's to report. */
function textAt(written: Mapping, key: string): string | undefined {
  const value = valueAt(written, [key]);
  return typeof value === 'string' ? value : undefined;
}

function missingHalf(written: Mapping): readonly Finding[] {
  const has = (key: string) => written[key] !== undefined;
  const missing = (key: FileKey, other: string): readonly Finding[] => [
    {
      code: 'CONFIG_MISSING',
      path: [...tlsPath, key],
      expected: `${contents[key]} that belongs to ${other}`,
      fix: 'name both files, cert and key, or neither',
    },
  ];
  if (!has('key') && has('cert')) return missing('key', 'cert');
  if (!has('key') && has('passphrase')) return missing('key', 'passphrase');
  return has('key') && !has('cert') ? missing('cert', 'key') : [];
}

/** The content of a file that holds what its key stands for, or what is wrong with it. @param place of that key. */
export function readPem(
  key: FileKey,
  path: string | undefined,
  source: TlsSource,
  place: ConfigPath = [...tlsPath, key],
): string | Finding | undefined {
  if (path === undefined) return undefined;
  if (path.includes('-----BEGIN')) {
    return {
      code: 'CONFIG_WRONG_VALUE',
      path: place,
      expected: `the path of a file with ${contents[key]}`,
      found: 'the content of one (hidden)',
      fix: 'put it into a file, and name the file here',
    };
  }
  const name = pathFrom(source.file, path);
  const expected = `${contents[key]} in ${quote(name)}`;
  let text: string;
  try {
    text = source.readFile(name);
  } catch (error) {
    return {
      code: 'CONFIG_UNREADABLE',
      path: place,
      expected,
      found: readFailure(error),
      fix: 'correct the path, or let the user ExaBGP runs as read it',
    };
  }
  const flaw = key === 'key' ? flawOfKey(text) : flawOfCertificates(text);
  return flaw === undefined ? text : { code: 'CONFIG_WRONG_VALUE', path: place, expected, ...flaw };
}

/** Whether the key can be used, and is the certificate's. */
function flawsOfPair(
  cert: string | undefined,
  key: string,
  passphrase: string | undefined,
): readonly Finding[] {
  const parsed = parseKey(key, passphrase);
  if (parsed === undefined) return [unusableKey(key, passphrase)];
  if (cert === undefined || parseCertificate(cert)?.checkPrivateKey(parsed) === true) return [];
  return [
    {
      code: 'CONFIG_CONTRADICTION',
      path: [...tlsPath, 'key'],
      expected: 'the private key of the first certificate in zookeeper.tls.cert',
      found: 'the key of another one',
      fix: 'name two files that were issued together, our own certificate first in its file',
    },
  ];
}

function unusableKey(key: string, passphrase: string | undefined): Finding {
  if (!isEncryptedKey(key)) {
    return {
      code: 'CONFIG_WRONG_VALUE',
      path: [...tlsPath, 'key'],
      expected: contents.key,
      found: 'a damaged one (hidden)',
      fix: 'copy the file again',
    };
  }
  return {
    code: passphrase === undefined ? 'CONFIG_MISSING' : 'CONFIG_WRONG_VALUE',
    path: [...tlsPath, 'passphrase'],
    expected: 'the passphrase of the key, which is encrypted',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as written in the file
    fix: 'write the passphrase, best as ${file:/path}',
  };
}

function systemCa({ environment, readFile }: TlsSource): string | undefined {
  // OpenSSL's own variable for its default file.
  const named = environment['SSL_CERT_FILE'];
  for (const file of named === undefined || named === '' ? systemFiles : [named]) {
    try {
      const text = readFile(file);
      if (hasCertificate(text)) return text;
    } catch {
      // Another system's place.
    }
  }
  return undefined;
}

const noSystemCa: Finding = {
  code: 'CONFIG_MISSING',
  path: [...tlsPath, 'ca'],
  expected: "the servers' CA, or CAs that the system trusts",
  found: 'neither',
  fix: 'set ca, or install the package ca-certificates',
};

/** What only the whole shows, such as a key too short for OpenSSL's security level. */
function refusedByOpenssl({ serverName, ...files }: TlsFiles): readonly Finding[] {
  try {
    process.getBuiltinModule('node:tls').createSecureContext(files);
    return [];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return [
      {
        code: 'CONFIG_WRONG_VALUE',
        path: tlsPath,
        expected: 'certificates and a key that OpenSSL accepts',
        found: `a refusal${code}`,
        fix: 'have them issued anew, the key with 2048 bits (RSA) or 256 bits (EC) at least',
      },
    ];
  }
}
