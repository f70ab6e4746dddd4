import type { Finding } from './problem.ts';
import { readFailure } from './reference.ts';
import { type ReadTls, readTls, type TlsFiles, type TlsSource } from './tls.ts';

/** What has become of the files of `zookeeper.tls`. `unusable`: those read before are to be used on. */
export type TlsRenewal =
  | { readonly kind: 'renewed'; readonly tls: TlsFiles }
  | { readonly kind: 'unusable'; readonly detail: string };

/** Files that can be read again, since certificates are renewed more often than agents are restarted. */
export interface RenewableTls extends ReadTls {
  /** Reads the files again; undefined when they are what they were at the last look. */
  renew(): TlsRenewal | undefined;
}

/** Reads the files of `zookeeper.tls` for the first time. A passphrase stays as the configuration had it. */
export function readRenewableTls(data: unknown, source: TlsSource): RenewableTls {
  let seen = new Map<string, Content>();
  // Checked on what was read, not on files that change meanwhile.
  const check = (reading: Map<string, Content>): ReadTls => {
    const readFile = (path: string) => {
      const content = reading.get(path) ?? read(source, path);
      reading.set(path, content);
      if ('text' in content) return content.text;
      throw content.error;
    };
    return readTls(data, { ...source, readFile });
  };
  return {
    ...check(seen),
    renew() {
      const now = new Map([...seen.keys()].map((path) => [path, read(source, path)]));
      const isSame = [...now].every(([path, content]) => isEqual(content, seen.get(path)));
      seen = now;
      if (isSame) return undefined;
      const { tls, findings } = check(now);
      return tls === undefined || findings.length > 0
        ? { kind: 'unusable', detail: findings.map(wordsOf).join('; ') }
        : { kind: 'renewed', tls };
    },
  };
}

type Content = { readonly text: string } | { readonly error: unknown };

function read({ readFile }: TlsSource, path: string): Content {
  try {
    return { text: readFile(path) };
  } catch (error) {
    return { error };
  }
}

function isEqual(one: Content, other: Content | undefined): boolean {
  if (other === undefined) return false;
  if ('text' in one) return 'text' in other && one.text === other.text;
  return 'error' in other && readFailure(one.error) === readFailure(other.error);
}

function wordsOf({ path, expected, found, fix }: Finding): string {
  return `${path.join('.')}: expected ${expected}, found ${found ?? 'something else'}; ${fix}`;
}
