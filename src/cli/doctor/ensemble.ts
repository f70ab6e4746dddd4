import type { Config, ServicePaths } from '../../config/config.ts';
import { formatDuration } from '../../config/duration.ts';
import type { Clock } from '../../core/clock.ts';
import {
  answerTo,
  type CommandSession,
  openCommandSession,
  UnreachableError,
} from '../../zookeeper/command-session.ts';
import { placeOf, type Server } from '../../zookeeper/dialer.ts';
import { type Answer, parentOf, type Requests, type Znode } from '../../zookeeper/requests.ts';
import { type Finding, findingsOf } from './finding.ts';

/** How long one server may take to give us a session. */
const deadlineMs = 5_000;
/** What two clocks may be apart without being told. */
const clockToleranceMs = 2_000;

/** What is found out about ZooKeeper; each server is tried on its own. Nothing is left behind there. */
export async function examineEnsemble(config: Config, clock: Clock): Promise<readonly Finding[]> {
  if (config.zookeeper.servers.length === 0)
    return [findingsOf('zookeeper').skipped('not configured: VIPs are announced by health alone')];
  const tries = await Promise.all(
    config.zookeeper.servers.map(async (server) => tryServer(server, config, clock)),
  );
  const session = tries.find((attempt) => attempt.session !== undefined)?.session;
  const findings = tries.map(({ finding }) => finding);
  if (session === undefined) return [...findings, ...notLookedAt];
  try {
    const { requests } = session;
    return [
      ...findings,
      ...(await clockFindings(requests, session.id() ?? '', config, clock)),
      ...(await rightsFindings(requests, config)),
    ];
  } finally {
    await Promise.all(tries.map(async (attempt) => attempt.session?.close(deadlineMs)));
  }
}

const notLookedAt = ['clock', 'znode rights'].map((check) =>
  findingsOf(check).skipped('ZooKeeper cannot be reached'),
);

interface Try {
  readonly finding: Finding;
  readonly session?: CommandSession;
}

async function tryServer(server: Server, { zookeeper }: Config, clock: Clock): Promise<Try> {
  const { ok, warning, failed } = findingsOf(`zookeeper ${placeOf(server)}`);
  const startedMs = clock.nowMs();
  try {
    const options = { ...zookeeper, servers: [server] };
    const session = await openCommandSession(options, { clock }, deadlineMs);
    const tookMs = Math.round(clock.nowMs() - startedMs);
    const { sessionTimeoutMs: asked, tls } = zookeeper;
    const how = tls === undefined ? '' : ' over TLS';
    const granted = formatDuration(session.timeoutMs);
    const answered = `answered${how} after ${tookMs} ms`;
    const finding =
      session.timeoutMs === asked
        ? ok(`${answered}, session timeout ${granted}`)
        : warning(
            `${answered}, and grants a session timeout of ${granted} instead of ${formatDuration(asked)}`,
            'it allows 2 to 20 of its ticks: set tickTime there, or zookeeper.sessionTimeout here',
          );
    return { finding, session };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const fix = 'check zookeeper.hosts, that the server runs, and what is between it and this host';
    const detail = error instanceof UnreachableError ? reasonOf(error) : error.message;
    return { finding: failed(detail, fix) };
  }
}

/** The server's name stands in front already. */
function reasonOf({ message }: UnreachableError): string {
  return message.replace(/^.*? ms: (\S+:\d+: )?/, '');
}

/** The time of the leader, by a znode of ours that is made and deleted. */
async function clockFindings(
  requests: Requests,
  id: string,
  { zookeeper: { chroot, services } }: Config,
  clock: Clock,
): Promise<readonly Finding[]> {
  const { ok, warning, skipped } = findingsOf('clock');
  const [service] = services;
  // In a folder of folders, where no name means anything.
  const path = `${chroot}${parentOf(service?.paths.members ?? '/')}/doctor-${id}`;
  const beforeMs = clock.wallMs();
  const made = await answerTo<void>((done) =>
    requests.createEphemeral(path, Buffer.alloc(0), done),
  );
  const afterMs = clock.wallMs();
  if (!made.ok) return [skipped(`not compared: ${path} cannot be created (${made.problem})`)];
  const read = await answerTo<Znode>((done) => requests.getData(path, undefined, done));
  await answerTo<void>((done) => requests.remove(path, -1, done));
  if (!read.ok) return [skipped(`not compared: ${read.detail}`)];
  const theirsMs = read.value.createdMs;
  const apartMs = Math.max(0, beforeMs - theirsMs, theirsMs - afterMs);
  if (apartMs <= clockToleranceMs)
    return [ok(`within ${clockToleranceMs / 1000} s of ZooKeeper's`)];
  const direction = theirsMs > afterMs ? 'behind' : 'ahead of';
  return [
    warning(
      `${Math.round(apartMs / 1000)} s ${direction} ZooKeeper's, so drains end at the wrong time`,
      'run chrony or systemd-timesyncd on this host and on the servers',
    ),
  ];
}

/** What the agent needs below its root, each as far as it can be tried without changing anything. */
async function rightsFindings(requests: Requests, config: Config): Promise<readonly Finding[]> {
  const { chroot, services } = config.zookeeper;
  const found = await Promise.all(services.map((service) => ofService(requests, chroot, service)));
  const { ok } = findingsOf('znode rights');
  const findings = found.flat();
  const names = services.map(({ name }) => name).join(', ');
  return findings.some(({ verdict }) => verdict === 'failed')
    ? findings
    : [ok(`claims and members of ${names} may be read and written`), ...findings];
}

async function ofService(
  requests: Requests,
  chroot: string,
  { name, paths }: ServicePaths,
): Promise<readonly Finding[]> {
  const { failed, warning } = findingsOf('znode rights');
  const problems: Finding[] = [];
  for (const path of [paths.claims, paths.members]) {
    const detail = await whyNotWritable(requests, chroot + path);
    if (detail !== undefined) problems.push(failed(`${name}: ${detail}`, fixOfRights));
  }
  for (const path of [paths.claims, paths.members, paths.drains]) {
    const read = await answerTo((done) => requests.getChildren(chroot + path, ignore, done));
    if (!read.ok && read.problem !== 'noNode')
      problems.push(failed(`${name}: ${chroot}${path}: ${read.detail}`, fixOfRights));
  }
  const closed = await Promise.all(
    [parentOf(paths.maintenance), paths.drains].map((path) =>
      whyNotWritable(requests, chroot + path),
    ),
  );
  if (closed.some((detail) => detail !== undefined))
    problems.push(
      warning(
        `${name}: this configuration may not set maintenance and drains`,
        'right if only operators may (zookeeper.acl.operators)',
      ),
    );
  return problems;
}

const fixOfRights = 'docs/zookeeper.md, "Who may write"';
const ignore = () => undefined;

/** Why children cannot be made and deleted there; what does not exist yet is made below the nearest that does. */
async function whyNotWritable(requests: Requests, path: string): Promise<string | undefined> {
  let parent = path;
  for (;;) {
    const there = await answerTo((done) => requests.exists(parent, undefined, done));
    if (!there.ok) return `${parent}: ${there.detail}`;
    if (there.value || parent === '/') break;
    parent = parentOf(parent);
  }
  const answer: Answer<void> = await answerTo<void>((done) => requests.rehearse(parent, done));
  return answer.ok ? undefined : `${parent}: ${answer.detail}`;
}
