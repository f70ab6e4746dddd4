import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a test's configuration says differently; values replace those of the same key. */
export interface Changes {
  readonly member?: string;
  readonly zookeeper?: object;
  readonly exabgp?: object;
  readonly bgp?: object;
  readonly log?: object;
  readonly stateDir?: string;
  readonly service?: object;
  /** Further keys at the top. */
  readonly more?: object;
}

/** Owned by lb1, lb2 and lb3. */
export const [vip1, vip2, vip3] = ['10.20.255.1', '10.20.255.2', '10.20.255.3'] as const;

/** Writes one agent's configuration, `lb1` unless said otherwise, with short times; returns the file's path. */
export function writeAgentConfig(
  directory: string,
  options: Changes & { readonly hosts: readonly string[]; readonly root: string },
): string {
  const member = options.member ?? 'lb1';
  const path = join(directory, `${member}.yaml`);
  const { hosts, root } = options;
  const config = {
    member,
    zookeeper: { hosts, root, sessionTimeout: '4s', ...options.zookeeper },
    exabgp: { ackTimeout: '350ms', stallAfter: '700ms', ...options.exabgp },
    bgp: { stableFor: '0s', ...options.bgp },
    log: { ...options.log },
    ...(options.stateDir === undefined ? {} : { stateDir: options.stateDir }),
    services: {
      apex: {
        vips: { [vip1]: 'lb1', [vip2]: 'lb2', [vip3]: 'lb3' },
        takeover: { settle: '300ms', release: '300ms' },
        drain: { timeout: '20s' },
        ...options.service,
      },
    },
    ...options.more,
  };
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return path;
}
