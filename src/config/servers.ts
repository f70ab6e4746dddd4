import { parseServer, type Server, serverForm, splitConnectString } from './hosts.ts';
import { type ConfigPath, describeFound, type Finding, quote } from './problem.ts';

export interface ReadServers {
  readonly servers: readonly Server[];
  /** The chroot of a connect string; empty when it has none. */
  readonly chroot: string;
  readonly findings: readonly Finding[];
}

/** Reads `zookeeper.hosts`: a list of servers, or one ZooKeeper connect string, which alone may end in a chroot. */
export function readServers(value: unknown, path: ConfigPath): ReadServers {
  if (typeof value === 'string') {
    const { servers, chroot } = splitConnectString(value);
    return { ...readList(servers, () => path), chroot };
  }
  if (Array.isArray(value) && value.length > 0) {
    return { ...readList(value, (index) => [...path, index]), chroot: '' };
  }
  const finding: Finding = {
    code: value === undefined ? 'CONFIG_MISSING' : 'CONFIG_WRONG_TYPE',
    path,
    expected: 'a list of servers, or a connect string as zk1:2181,zk2:2181/chroot',
    found: describeFound(value),
    fix: 'name every server of the ensemble',
  };
  return { servers: [], chroot: '', findings: [finding] };
}

function readList(
  texts: readonly unknown[],
  pathOf: (index: number) => ConfigPath,
): { readonly servers: readonly Server[]; readonly findings: readonly Finding[] } {
  const servers: Server[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, text] of texts.entries()) {
    const server = typeof text === 'string' ? parseServer(text) : undefined;
    if (server === undefined) {
      findings.push(wrongServer(text, pathOf(index)));
      continue;
    }
    const key = `${server.host}|${server.port}`;
    if (!seen.has(key)) servers.push(server);
    seen.add(key);
  }
  return { servers, findings };
}

function wrongServer(text: unknown, path: ConfigPath): Finding {
  const hasChroot = typeof text === 'string' && text.includes('/');
  return {
    code: 'CONFIG_WRONG_VALUE',
    path,
    expected: serverForm,
    found: typeof text === 'string' ? quote(text) : describeFound(text),
    fix: hasChroot ? 'put the path into zookeeper.chroot' : 'write one server, port 1 to 65535',
  };
}
