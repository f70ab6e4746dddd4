import { spawnSync } from 'node:child_process';
import {
  compareCommand,
  downCommand,
  faultCommand,
  faultsCommand,
  listed,
  statusCommand,
  storyCommand,
  tell,
  topologyCommand,
  upCommand,
} from './commands.ts';
import { runExazkMember } from './exazk-member.ts';
import { runLoad } from './load.ts';
import { runProbe } from './probe.ts';
import { runResponder } from './responder.ts';
import { topologies } from './topologies.ts';
import { runZnodeService } from './znode-service.ts';

const usage = `usage: npm run lab                       build the lab, tell the story, remove the lab
       npm run lab -- TOPOLOGY           build a network of docs/labs, show what happens there, remove it
       npm run lab -- faults [NAME...]   run all faults, or these, against their bounds
       npm run lab -- compare            measure vipkeeper and ExaBGP's healthcheck side by side
       npm run lab -- up                 build the lab and leave it running
       npm run lab -- status             its routes and znodes
       npm run lab -- fault [NAME]       run one fault on it; without a name, list them
       npm run lab -- down               remove it
topologies:
${listed(topologies).join('\n')}`;

const [command, ...words] = process.argv.slice(2);

switch (command) {
  // The lab's own helpers, which it starts inside namespaces.
  case 'probe':
    runProbe();
    break;
  case 'load':
    runLoad();
    break;
  case 'responder':
    runResponder(words[0] ?? '');
    break;
  case 'exazk-member':
    runExazkMember(words[0] ?? '');
    break;
  case 'znodes':
    runZnodeService();
    break;
  default:
    becomeRoot();
    endOnSignals();
    process.exitCode = (await runCommand()) ? 0 : 1;
    // Whatever a failed step left running must not keep us.
    process.exit();
}

async function runCommand(): Promise<boolean> {
  try {
    return await dispatch();
  } catch (error) {
    tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return false;
  }
}

async function dispatch(): Promise<boolean> {
  const topology = topologies.find(({ name }) => name === command);
  if (topology !== undefined) return topologyCommand(topology);
  switch (command) {
    case undefined:
      return storyCommand();
    case 'faults':
      return faultsCommand(words);
    case 'compare':
      return compareCommand();
    case 'up':
      return upCommand();
    case 'down':
      return downCommand();
    case 'status':
      return statusCommand();
    case 'fault':
      return faultCommand(words[0]);
    default:
      if (command !== '--help') tell(`No command and no topology is called ${command}.`);
      tell(usage);
      return command === '--help';
  }
}

/** Network namespaces need root: without it, the same command runs again under sudo. */
function becomeRoot(): void {
  if (process.getuid?.() === 0) return;
  const result = spawnSync('sudo', [process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  if (result.error !== undefined) tell('The lab needs root for its network namespaces.');
  process.exit(result.status ?? 1);
}

/** An interrupted lab is removed by its exit handler, which only runs when we exit ourselves. */
function endOnSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => process.exit(130));
  }
  process.on('uncaughtException', (error) => {
    tell(error.stack ?? error.message);
    process.exit(1);
  });
}
