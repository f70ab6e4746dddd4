import { runCommand } from './commands.ts';

/** The two programs that read the file at the top: the plugin of today's Docker, and what Debian 12 has. */
const programs = {
  'compose v2': ['docker', 'compose'],
  'docker-compose 1.29': ['docker-compose'],
} as const;

export type ComposeName = keyof typeof programs;

export const composeNames = Object.keys(programs) as readonly ComposeName[];

/** What its containers and networks are called after. */
export const composeProject = 'vipkeeper-test';

/** Runs compose on the file at the top. */
export async function compose(
  name: ComposeName,
  args: readonly string[],
  timeoutMs = 120_000,
): Promise<string> {
  const command = [...programs[name], '--project-name', composeProject, ...args];
  return runCommand(command, { timeoutMs });
}

/** Why a program is not to be had, for each one; empty when it is. */
export async function missingComposes(): Promise<Readonly<Record<ComposeName, string>>> {
  return {
    'compose v2': await whyNot('compose v2'),
    'docker-compose 1.29': await whyNot('docker-compose 1.29'),
  };
}

async function whyNot(name: ComposeName): Promise<string> {
  const version = await runCommand([...programs[name], 'version']).catch(() => '');
  const isIt = (name === 'compose v2' ? /version v?[2-9]/ : /version 1\./).test(version);
  return isIt ? '' : `${name} is not installed`;
}
