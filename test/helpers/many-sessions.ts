import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Sessions of another process, each with ephemeral znodes of its own. */
export interface ManySessions {
  readonly child: ChildProcess;
  /** Ends the process at once, so that all sessions expire together. */
  kill(): Promise<void>;
}

/** Resolves when all znodes are there; their parents must be. */
export async function startManySessions(options: {
  readonly connectString: string;
  readonly timeoutMs: number;
  /** The paths of each session. */
  readonly sessions: readonly (readonly string[])[];
}): Promise<ManySessions> {
  const library = fileURLToPath(import.meta.resolve('node-zookeeper-client'));
  const child = spawn(process.execPath, ['-e', program, library, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    child,
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const program = `
const zk = require(process.argv[1]);
const { connectString, timeoutMs, sessions } = JSON.parse(process.argv[2]);
let open = sessions.flat().length;
process.stdin.resume().on('end', () => process.exit());
for (const paths of sessions) {
  const client = zk.createClient(connectString, { sessionTimeout: timeoutMs });
  client.once('connected', () => {
    for (const path of paths)
      client.create(path, Buffer.alloc(0), zk.CreateMode.EPHEMERAL, (error) => {
        if (error) throw error;
        open -= 1;
        if (open === 0) process.stdout.write('ready');
      });
  });
  client.connect();
}
`;
