import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import { waitFor } from './wait.ts';

/** Debian's, unless another copy is to be tried. */
const program = process.env['EXABGP'] ?? '/usr/sbin/exabgp';

/**
 * A real ExaBGP. Its helper is a relay, so that the test itself speaks the helper's side of the pipes, or a program
 * of its own.
 */
export interface ExaBgp {
  readonly pid: number;
  /** The pipes of the next helper process: the first one, or the one after a respawn. */
  nextHelper(): Promise<Socket>;
  signal(name: NodeJS.Signals): void;
  /** Reads its configuration again, with these neighbors in it. */
  reconfigure(neighbors: ExaBgpOptions['neighbors']): void;
  /** Exit code or signal name. */
  readonly exited: Promise<number | string>;
  /** Everything it has logged. */
  log(): string;
  /** Kills it and stops listening for helpers. */
  stop(): Promise<void>;
}

export interface ExaBgpOptions {
  readonly namespace: Namespace;
  /** Tells its files from those of others in the same namespace. */
  readonly name?: string;
  readonly address: string;
  readonly asn: number;
  readonly neighbors: readonly { readonly address: string; readonly asn: number }[];
  readonly encoder?: 'json' | 'text';
  /** False: it forgets what it has sent, and sends nothing again after a flap. */
  readonly adjRibOut?: boolean;
  /** Program and arguments to run instead of the relay. */
  readonly helper?: readonly string[];
  /** `exabgp.api.ack` and the like, with underscores. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Copies stdin to a socket and back to stdout; ends when either side does, as a real helper must.
 * Its pipes are read only as fast as the test reads, so a test that stops reading stops ExaBGP too.
 */
const relaySource = `import { connect } from 'node:net';
const socket = connect(process.argv[2]);
const leave = () => process.exit(0);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
process.stdin.on('error', leave);
process.stdout.on('error', leave);
socket.on('error', leave);
socket.on('close', leave);
`;

/** Starts ExaBGP; resolves when it runs. Its neighbors connect whenever they can. */
export async function startExaBgp(options: ExaBgpOptions): Promise<ExaBgp> {
  const { namespace, name = 'exabgp' } = options;
  const file = (suffix: string) => join(namespace.directory, `${name}.${suffix}`);
  writeFileSync(file('mjs'), relaySource);
  writeFileSync(file('conf'), configuration(options, file));

  const waiting: Socket[] = [];
  const server = createServer((socket) => {
    // Whoever uses it listens for errors as well; before that one must not end the test process.
    socket.on('error', () => undefined);
    waiting.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(file('sock'), resolve));

  const running = namespace.run(program, [file('conf')], {
    logFile: file('log'),
    environment: {
      exabgp_daemon_drop: 'false',
      // A respawned helper runs as this user, and must reach its script and socket.
      exabgp_daemon_user: 'root',
      exabgp_log_level: 'INFO',
      ...options.environment,
    },
  });
  const log = () => readFileSync(file('log'), 'utf8');
  return {
    pid: running.pid,
    exited: running.exited,
    signal: running.signal,
    reconfigure(neighbors) {
      writeFileSync(file('conf'), configuration({ ...options, neighbors }, file));
      running.signal('SIGUSR1');
    },
    log,
    nextHelper: () =>
      waitFor(() => waiting.shift(), { what: 'ExaBGP to start its helper' }).catch(
        (error: Error) => {
          throw new Error(`${error.message}; its log: ${log().slice(-2000)}`);
        },
      ),
    async stop() {
      running.signal('SIGKILL');
      await running.exited;
      for (const socket of waiting) socket.destroy();
      server.close();
    },
  };
}

function configuration(options: ExaBgpOptions, file: (suffix: string) => string): string {
  const { address, asn, neighbors, encoder = 'json', adjRibOut = true } = options;
  const relay = [process.execPath, file('mjs'), file('sock')];
  const blocks = neighbors.map(
    (neighbor) => `neighbor ${neighbor.address} {
  router-id ${address};
  local-address ${address};
  local-as ${asn};
  peer-as ${neighbor.asn};
  family { ipv4 unicast; ipv6 unicast; }
  adj-rib-out ${adjRibOut};
  api { processes [ keeper ]; neighbor-changes; }
}
`,
  );
  return `process keeper {
  run ${(options.helper ?? relay).join(' ')};
  encoder ${encoder};
}
${blocks.join('')}`;
}
