import { runCommand, succeeds } from './commands.ts';

let program: readonly string[] | undefined;

/** Runs compose on the file at the top: the plugin of today's Docker, or Debian's docker-compose 1.29. */
export async function compose(args: readonly string[], timeoutMs = 120_000): Promise<string> {
  program ??= (await succeeds(['docker', 'compose', 'version']))
    ? ['docker', 'compose']
    : ['docker-compose'];
  return runCommand([...program, '--project-name', 'vipkeeper-test', ...args], { timeoutMs });
}
