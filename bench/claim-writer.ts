import zooKeeper from 'node-zookeeper-client';

/** What the parent tells this process to do with the claim, and what it hears back. */
export type WriterCommand = 'create' | 'delete';
export interface WriterAnswer {
  readonly command: WriterCommand;
  /** CLOCK_MONOTONIC when the request was handed to the client, in milliseconds; the same clock in every process. */
  readonly sentMs: number;
}

/** The peer: another process that creates and deletes a claim on demand. Runs until its parent goes. */
export function runClaimWriter(connectString: string, path: string): void {
  const client = zooKeeper.createClient(connectString);
  const answer = (command: WriterCommand, sentMs: number) => (error: unknown) => {
    if (error) throw new Error(`${command}: ${error}`);
    process.send?.({ command, sentMs } satisfies WriterAnswer);
  };
  process.on('message', (command: WriterCommand) => {
    const sentMs = monotonicMs();
    if (command === 'delete') client.remove(path, -1, answer(command, sentMs));
    else
      client.create(path, Buffer.alloc(0), zooKeeper.CreateMode.EPHEMERAL, answer(command, sentMs));
  });
  process.on('disconnect', () => process.exit(0));
  client.once('connected', () => process.send?.('ready'));
  client.connect();
}

/** CLOCK_MONOTONIC in milliseconds. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
