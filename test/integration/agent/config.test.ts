import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { launcherOf, startAgentProcess } from '../../helpers/agent-process.ts';
import { stalePrefix } from '../../helpers/namespace.ts';
import { waitFor } from '../../helpers/wait.ts';

const folder = mkdtempSync(join(tmpdir(), `${stalePrefix}${process.pid}-config-`));
afterAll(() => rmSync(folder, { recursive: true }));

/** ExaBGP stops itself when a helper ends five times in 64 s. */
const holdMs = 15_000;

const tenMistakes = `member: 10.0.0.1
listen: 127.0.0.1:99999
zookeeper:
  hosts: [zk1:2181, zk2:99999]
  sessionTimout: 6s
  onCoordinationLoss: panic
allowed: [10.20.255.0/24]
services:
  apex:
    vips:
      10.20.255.1: lb1
      10.20.254.2: lb2
    checks:
      - exec: curl -sf http://127.0.0.1/
        interval: 5
        fall: 0
    announce: { owner: { communities: ["65000:65536"] } }
  www:
    vips: { 10.20.255.1/32: lb2 }
`;
const places = ['1:9', '2:9', '4:21', '5:3', '6:23', '12:7', '15:19', '16:15', '17:40', '19:13'];
/** Place, expectation, finding, what to do about it, code. */
const problemLine = /^(\S+?):(\d+:\d+): \S+: expected .+, found .+; .+ \[CONFIG_[A-Z_]+\]$/;

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function check(file: string): Promise<{ readonly code: unknown; readonly lines: string[] }> {
  return new Promise((resolve) => {
    execFile(launcherOf('vipkeeper'), ['check', '-f', file], (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, lines: stderr.trimEnd().split('\n') }),
    );
  });
}

it('check prints all of ten mistakes, each with place, expectation, finding and fix, and ends with 78', async () => {
  const file = fileOf('ten.yaml', tenMistakes);
  const { code, lines } = await check(file);
  expect(code).toBe(78);
  expect(lines).toHaveLength(11);
  expect(lines.at(-1)).toBe('vipkeeper: 10 problems in the configuration');
  expect(lines.slice(0, 10).map((line) => problemLine.exec(line)?.slice(1))).toEqual(
    places.map((place) => [file, place]),
  );
});

it('run prints all of them too, announces nothing, and holds 15 s before it ends with 78', async () => {
  const agent = startAgentProcess(['run', '-f', fileOf('run.yaml', tenMistakes)]);
  onTestFinished(() => agent.stop());
  const last = await agent.says('10 problems in the configuration');
  expect(agent.log).toHaveLength(11);
  // What ExaBGP says meanwhile is read and leads to nothing.
  agent.say('{ "exabgp": "4.0.1", "type": "state" }\n'.repeat(5_000));
  const { how, atMs } = await agent.exited;
  expect(how).toBe(78);
  expect(atMs - last.atMs).toBeGreaterThan(holdMs - 500);
  expect(atMs - last.atMs).toBeLessThan(holdMs + 3_000);
  expect(agent.exabgp.commands).toEqual([]);
});

it('run ends with 78 at once when ExaBGP goes', async () => {
  const agent = startAgentProcess(['run', '-f', fileOf('eof.yaml', tenMistakes)]);
  onTestFinished(() => agent.stop());
  await agent.says('10 problems in the configuration');
  const sinceMs = performance.now();
  agent.endInput();
  const { how, atMs } = await agent.exited;
  expect(how).toBe(78);
  expect(atMs - sinceMs).toBeLessThan(1_000);
});

it.each([
  [
    'a VIP listed twice by its text',
    '{ 10.20.255.1: lb1, 10.20.255.1: lb2 }',
    /apex\.vips\.10\.20\.255\.1: expected every key once, found .+; remove one of the two \[CONFIG_DUPLICATE_KEY\]/,
  ],
  [
    'a VIP listed twice in two spellings',
    '{ "2001:db8::1": lb1, "2001:DB8:0::1/128": lb2 }',
    /apex\.vips\.2001:DB8:0::1\/128: expected .*once.*, found .*apex.*; .+ \[CONFIG_DUPLICATE_VIP\]/,
  ],
  [
    'an owner that is an address',
    '{ 10.20.255.1: 10.0.0.9 }',
    /apex\.vips\.10\.20\.255\.1: expected a member id: .+, found "10\.0\.0\.9"; use the host name .+ \[CONFIG_WRONG_VALUE\]/,
  ],
  [
    'an owner that no znode can be named by',
    '{ 10.20.255.1: "lb 1/a" }',
    /apex\.vips\.10\.20\.255\.1: expected a member id: .+, found "lb 1\/a"; .+ \[CONFIG_WRONG_VALUE\]/,
  ],
])('%s is one line of check, and nothing of run', async (_, vips, line) => {
  const file = fileOf(
    'vips.yaml',
    `zookeeper: { hosts: zk1 }\nservices: { apex: { vips: ${vips} } }\n`,
  );
  const { code, lines } = await check(file);
  expect(code).toBe(78);
  expect(lines).toEqual([expect.stringMatching(line), 'vipkeeper: 1 problem in the configuration']);
  const agent = startAgentProcess(['run', '-f', file]);
  onTestFinished(() => agent.stop());
  await waitFor(() => agent.log.length === 2, { what: 'the same two lines' });
  expect(agent.log.map(({ msg }) => msg)).toEqual(lines);
  expect(agent.exabgp.commands).toEqual([]);
});

it('an owner that is no member of the list is one line', async () => {
  const file = fileOf(
    'members.yaml',
    'zookeeper: { hosts: zk1 }\nservices: { apex: { members: [lb1, lb2], vips: { 10.20.255.1: lb3 } } }\n',
  );
  const { code, lines } = await check(file);
  expect(code).toBe(78);
  expect(lines[0]).toMatch(
    /apex\.vips\.10\.20\.255\.1: expected .*lb1.*, found "lb3"; .+ \[CONFIG_\w+\]/,
  );
});
