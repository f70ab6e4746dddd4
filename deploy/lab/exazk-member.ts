import zookeeper, { type Client } from 'node-zookeeper-client';
import { service, vips, znodeRoot, zooKeeperAddress, zooKeeperPort } from './plan.ts';

const claims = `${znodeRoot}/service/${service}`;
const hostLengths = { ipv4: 32, ipv6: 128 };

/**
 * What exazk.py does as far as a peer or a router can tell (seed 003): it announces its VIPs at MED 100, says so by
 * ephemeral znodes without data, and announces at MED 200 what nobody says that of. Stopped, it ends its session and leaves
 * its routes to ExaBGP. The real script has no licence, so it is not here.
 */
export function runExazkMember(member: string): void {
  const client = zookeeper.createClient(`${zooKeeperAddress}:${zooKeeperPort}`, {
    sessionTimeout: 4_000,
  });
  client.once('connected', () => {
    for (const { address, owner, family } of vips) {
      const prefix = `${address}/${hostLengths[family]}`;
      if (owner === member) own(client, address, prefix);
      else backUp(client, address, prefix);
    }
  });
  process.once('SIGTERM', () => {
    client.close();
    process.exit(0);
  });
  // ExaBGP is gone.
  process.stdin.on('end', () => process.exit(0)).resume();
  client.connect();
}

/** An earlier life's znode is waited for: exazk.py claims when it has gone. */
function own(client: Client, address: string, prefix: string): void {
  announce(prefix, 100);
  const claim = (): void => {
    client.create(`${claims}/${address}`, zookeeper.CreateMode.EPHEMERAL, (error) => {
      if (error) client.exists(`${claims}/${address}`, claim, () => undefined);
    });
  };
  client.mkdirp(claims, claim);
}

function backUp(client: Client, address: string, prefix: string): void {
  const look = (): void => {
    client.exists(`${claims}/${address}`, look, (error, stat) => {
      if (error) return;
      if (stat) process.stdout.write(`withdraw route ${prefix} next-hop self\n`);
      else announce(prefix, 200);
    });
  };
  look();
}

function announce(prefix: string, med: number): void {
  process.stdout.write(`announce route ${prefix} next-hop self med ${med}\n`);
}
