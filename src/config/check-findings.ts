import { isIP } from 'node:net';
import { endpoint, isHeaderName } from './check-values.ts';
import { checkKinds, checkSchema } from './checks.ts';
import { isMapping, valueAt } from './data.ts';
import { parseServer } from './hosts.ts';
import { isEncryptedKey, parseCertificate, parseKey } from './pem.ts';
import { type ConfigPath, type Finding, quote } from './problem.ts';
import { readPem, type TlsSource } from './tls.ts';
import { isComplaint } from './values.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** What the keys of checks say against each other and about files. Reads the raw data, as `crossCheck` does. */
export function findingsOfChecks(data: unknown, source: TlsSource): readonly Finding[] {
  const services = valueAt(data, ['services']);
  if (!isMapping(services)) return [];
  return Object.entries(services).flatMap(([name, service]) => {
    const checks: unknown = valueAt(service, ['checks']);
    const list: readonly unknown[] = Array.isArray(checks) ? checks : [];
    const path = ['services', name];
    return [
      ...tooManyNeeded(service, list.length, path),
      ...list.flatMap((check, index) =>
        isMapping(check) ? findingsOfCheck(check, [...path, 'checks', index], source) : [],
      ),
    ];
  });
}

/** More than there are would never be up. */
function tooManyNeeded(service: unknown, count: number, path: ConfigPath): readonly Finding[] {
  const needed = Number(textAt(service, 'health', 'atLeast') ?? 0);
  if (!(needed > count)) return [];
  const found = `${needed}, of ${count} checks`;
  const place = [...path, 'health', 'atLeast'];
  return [contradiction(place, 'at most as many as there are checks', found, 'lower it')];
}

function findingsOfCheck(check: Mapping, path: ConfigPath, source: TlsSource): readonly Finding[] {
  const kinds = checkKinds.filter((kind) => check[kind] !== undefined);
  const [kind, ...more] = kinds;
  if (kind === undefined) {
    // What may be a kind, misspelt, is complained about as an unknown key.
    if (Object.keys(check).some((key) => !Object.hasOwn(checkSchema.shape, key))) return [];
    const expected = `one of ${checkKinds.join(', ')}`;
    const fix = 'say what is to be checked, as in http: http://127.0.0.1/healthcheck';
    return [{ code: 'CONFIG_MISSING', path, expected, found: 'none of them', fix }];
  }
  if (more.length > 0) {
    const fix = 'write a check of its own for each, with its own dash';
    return [contradiction(path, 'one kind of check', kinds.join(' and '), fix)];
  }
  const written = check[kind];
  const inner = [...path, kind];
  if (kind === 'http') return httpFindings(check, inner, source);
  if (kind === 'ipvs') return ipvsFindings(written, inner);
  if (kind === 'file') return oneOfTwo(written, ['exists', 'absent'], inner);
  if (kind === 'tcp' || kind === 'dns') return otherFamily(written, inner, hostOf(kind, written));
  return [];
}

function httpFindings(check: Mapping, path: ConfigPath, source: TlsSource): readonly Finding[] {
  const http = check['http'];
  if (!isMapping(http)) return [];
  const has = (key: string) => http[key] !== undefined;
  const url = textAt(http, 'url') ?? '';
  const headers = isMapping(http['headers']) ? Object.keys(http['headers']) : [];
  const host = /^https?:\/\/(?:\[([^\]]+)\]|([^/:]+))/.exec(url);
  const findings = headers
    .filter((name) => !isHeaderName(name))
    .map((name): Finding => {
      const fix = 'remove it; connections are made and closed for each request';
      const place = [...path, 'headers', name];
      const expected = 'a header that is ours to set';
      return {
        code: 'CONFIG_WRONG_VALUE',
        path: place,
        atKey: true,
        expected,
        found: quote(name),
        fix,
      };
    });
  const refuse = (key: string, other: string, fix: string) =>
    findings.push(contradiction([...path, key], `no ${other} beside it`, 'both', fix));
  if (has('body') && has('bodyPattern')) refuse('bodyPattern', 'body', 'remove one of the two');
  if (http['method'] === 'HEAD' && (has('body') || has('bodyPattern')))
    refuse('method', 'body and bodyPattern', 'use GET: an answer to HEAD has no body');
  if (has('socket') && has('source'))
    refuse('source', 'socket', 'remove it: a unix socket has no addresses');
  if (has('tls') && url.startsWith('http:'))
    refuse('tls', 'http:// in url', 'write https://, or remove tls');
  const isAddressed = host !== null && !has('socket');
  return [
    ...findings,
    ...(isAddressed ? otherFamily(http, path, host[1] ?? host[2] ?? '') : []),
    ...tlsFindings(http['tls'], [...path, 'tls'], source),
  ];
}

function tlsFindings(tls: unknown, path: ConfigPath, source: TlsSource): readonly Finding[] {
  if (!isMapping(tls)) return [];
  const contents = (['ca', 'cert', 'key'] as const).map((key) =>
    readPem(key, textAt(tls, key), source, [...path, key]),
  );
  const findings = contents.filter((content) => typeof content === 'object');
  const [, cert, key] = contents;
  for (const [name, other] of [['cert', 'key'] as const, ['key', 'cert'] as const]) {
    if (tls[name] !== undefined || tls[other] === undefined) continue;
    const expected = `the ${name === 'key' ? 'private key' : 'certificate'} that belongs to ${other}`;
    const fix = 'name both files, cert and key, or neither';
    findings.push({ code: 'CONFIG_MISSING', path: [...path, name], expected, fix });
  }
  if (typeof key === 'string' && typeof cert === 'string')
    findings.push(...flawOfPair(cert, key, [...path, 'key']));
  return findings;
}

function flawOfPair(cert: string, key: string, path: ConfigPath): readonly Finding[] {
  const expected = 'the private key of the first certificate in cert, not encrypted';
  const parsed = parseKey(key, undefined);
  if (parsed !== undefined && parseCertificate(cert)?.checkPrivateKey(parsed) === true) return [];
  const unusable = isEncryptedKey(key) ? 'an encrypted one' : 'a damaged one (hidden)';
  const found = parsed === undefined ? unusable : 'the key of another one';
  const fix =
    'name two files that were issued together; openssl pkey -in FILE removes a passphrase';
  return [contradiction(path, expected, found, fix)];
}

function ipvsFindings(written: unknown, path: ConfigPath): readonly Finding[] {
  if (!isMapping(written)) return [];
  const findings = [...oneOfTwo(written, ['service', 'fwmark'], path)];
  if (written['fwmark'] !== undefined && written['protocol'] !== undefined) {
    const fix = 'remove it: a firewall mark is of every protocol';
    findings.push(contradiction([...path, 'protocol'], 'no protocol beside fwmark', 'both', fix));
  }
  const drop = Number(textAt(written, 'drop') ?? 0);
  const restore = Number(textAt(written, 'restore') ?? drop + 1);
  if (restore <= drop) {
    const place = [...path, 'restore'];
    const found = `${restore}, which is not more than drop, ${drop}`;
    const fix =
      'raise restore, or lower drop: at drop and below the VIP goes, at restore it returns';
    findings.push(contradiction(place, 'more real servers than drop', found, fix));
  }
  return findings;
}

function oneOfTwo(
  written: unknown,
  [one, other]: readonly [string, string],
  path: ConfigPath,
): readonly Finding[] {
  if (!isMapping(written)) return [];
  const count = Number(written[one] !== undefined) + Number(written[other] !== undefined);
  if (count === 1) return [];
  const found = count === 0 ? 'neither' : 'both';
  return [contradiction(path, `either ${one} or ${other}`, found, 'write one of the two')];
}

/** The address that a check connects to; a name has none yet. */
function hostOf(kind: 'tcp' | 'dns', written: unknown): string {
  const text = textAt(written, kind === 'tcp' ? 'address' : 'server') ?? '';
  if (kind === 'dns') return parseServer(text)?.host ?? '';
  const parsed = endpoint(text);
  return isComplaint(parsed) ? '' : parsed.host;
}

function otherFamily(written: unknown, path: ConfigPath, host: string): readonly Finding[] {
  const source = textAt(written, 'source') ?? '';
  if (isIP(source) === 0 || isIP(host) === 0 || isIP(source) === isIP(host)) return [];
  const fix = `write an address of the family of ${host}`;
  return [contradiction([...path, 'source'], `an address as ${host} is one`, quote(source), fix)];
}

function contradiction(path: ConfigPath, expected: string, found: string, fix: string): Finding {
  return { code: 'CONFIG_CONTRADICTION', path, expected, found, fix };
}

function textAt(data: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(data, path);
  return typeof value === 'string' ? value : undefined;
}
