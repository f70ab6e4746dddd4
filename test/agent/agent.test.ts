import { describe, expect, it, vi } from 'vitest';
import { type AgentOptions, createAgent } from '../../src/agent/agent.ts';
import type { Event } from '../../src/core/event.ts';
import type { Report } from '../../src/core/report.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import {
  apex,
  check,
  lb2,
  self,
  serviceSettings,
  settings,
  vip1,
  vip2,
  vip6,
} from '../helpers/core-run.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';

/** An agent over adapters that only write down what they are told. */
function startAgent(overrides: Partial<AgentOptions> = {}) {
  const calls: string[] = [];
  const reports: Report[] = [];
  const exits: number[] = [];
  const clock = createFakeClock();
  let emit: (event: Event) => void = () => undefined;
  const agent = createAgent({
    settings: settings(),
    clock,
    log: (report) => reports.push(report),
    exit: (code) => exits.push(code),
    adapters: (given) => {
      emit = given;
      return {
        coordinator: {
          start: () => calls.push('coordinator start'),
          createClaim: (_service, vip) => calls.push(`create ${vip}`),
          deleteClaim: (_service, vip) => calls.push(`delete ${vip}`),
          publishMember: () => calls.push('publish'),
          unpublishMember: (service) => calls.push(`unpublish ${service}`),
          setServices: (services) => calls.push(`watch ${services.map(({ name }) => name)}`),
          close: async (deadlineMs) => {
            calls.push(`close within ${deadlineMs}`);
          },
        },
        speaker: {
          start: () => calls.push('speaker start'),
          announce: (command, vip) => {
            calls.push(`announce ${vip}`);
            // A speaker without acks answers at once, from inside the call.
            emit({ kind: 'commandAnswered', command, outcome: 'accepted', detail: '' });
          },
          withdraw: (_command, vip) => calls.push(`withdraw ${vip}`),
          flush: () => calls.push('flush'),
          stop: async () => {
            calls.push('speaker stop');
          },
        },
        checker: {
          run: () => calls.push('check'),
          setServices: (services) => calls.push(`check ${services.map(({ name }) => name)}`),
          stop: () => calls.push('checker stop'),
        },
      };
    },
    ...overrides,
  });
  agent.start();
  const bringUp = () => {
    const connection = 1;
    emit({ kind: 'speakerIdentified', version: '4.2.21', acks: true });
    emit({ kind: 'neighborsListed', established: ['n1'] });
    const proofMs = clock.nowMs();
    emit({ kind: 'sessionEstablished', epoch: 1, connection, timeoutMs: 6_000, proofMs });
    const claims = new Map([vip2, vip6].map((vip) => [vip, { kind: 'unmarked' } as const]));
    emit({ kind: 'claimsRead', connection, service: apex, claims });
    emit({ kind: 'maintenanceRead', connection, service: apex, isPresent: false });
    emit({ kind: 'drainsRead', connection, service: apex, drained: new Set() });
    emit({ kind: 'membersRead', connection, service: apex, members: new Map(), own: self });
  };
  return { agent, calls, reports, exits, clock, bringUp, emit: (event: Event) => emit(event) };
}

describe('agent', () => {
  it('is inert until started, and starts its adapters once', () => {
    const { agent, calls } = startAgent();
    agent.start();
    expect(calls).toEqual(['coordinator start', 'speaker start']);
  });

  it('carries out effects in order, and hears answers given from inside an effect afterwards', () => {
    const { calls, bringUp } = startAgent();
    bringUp();
    expect(calls.slice(2)).toEqual([`announce ${vip1}`, 'publish', 'flush', `create ${vip1}`]);
  });

  it('wakes the core when the core asked for it', () => {
    const { calls, bringUp, clock, emit } = startAgent();
    bringUp();
    clock.advance(2_001);
    emit({ kind: 'sessionProven', epoch: 1, proofMs: clock.nowMs() });
    expect(calls).toContain(`withdraw ${vip2}`);
  });

  it('goes on with other settings, which its adapters hear of first', () => {
    const { agent, calls, bringUp } = startAgent();
    bringUp();
    calls.length = 0;
    const edge = serviceSettings({ name: 'edge' as ServiceName, vips: [], checks: [check] });
    agent.reload(settings({}, { services: [serviceSettings(), edge] }));
    expect(calls).toEqual(['watch apex,edge', 'check apex,edge', 'check']);
  });

  it('deletes its member znode of a service that is configured no more, and forgets it', () => {
    const { agent, calls, bringUp, emit } = startAgent({ settings: settings({ vips: [] }) });
    bringUp();
    agent.reload(settings({}, { services: [] }));
    emit({ kind: 'memberAnswered', connection: 1, service: apex, outcome: 'done', detail: '' });
    expect(calls.at(-1)).toBe(`unpublish ${apex}`);
    emit({ kind: 'memberAnswered', connection: 1, service: apex, outcome: 'done', detail: '' });
    const members = new Map();
    emit({ kind: 'membersRead', connection: 1, service: apex, members, own: undefined });
    expect(calls.slice(-2)).toEqual(['watch ', 'check ']);
  });

  it('does not become another member', () => {
    const { agent, calls, bringUp } = startAgent();
    bringUp();
    calls.length = 0;
    expect(() => agent.reload(settings({}, { member: lb2 }))).toThrow('member lb1 cannot become');
    expect(calls).toEqual([]);
  });

  it('closes the session before anything else when ExaBGP is gone, and exits 0', async () => {
    const { calls, exits, bringUp, emit } = startAgent();
    bringUp();
    calls.length = 0;
    emit({ kind: 'speakerClosed', detail: 'EOF' });
    expect(calls).toEqual(['close within 700', 'checker stop', 'speaker stop']);
    await vi.waitFor(() => expect(exits).not.toEqual([]));
    expect(exits).toEqual([0]);
  });

  it('closes the session and exits 70 on a bug, once', async () => {
    const reports: Report[] = [];
    const { calls, exits, emit } = startAgent({
      log: (report) => {
        if (report.kind === 'speakerChanged') throw new Error('bang');
        reports.push(report);
      },
    });
    emit({ kind: 'speakerIdentified', version: undefined, acks: true });
    emit({ kind: 'speakerSilent' });
    expect(calls.filter((call) => call.startsWith('close'))).toHaveLength(1);
    await vi.waitFor(() => expect(exits).not.toEqual([]));
    expect(exits).toEqual([70]);
    expect(JSON.stringify(reports.at(-1))).toContain('exit 70: bug: Error: bang');
  });

  it('leaves on purpose at a signal', () => {
    const { agent, calls, bringUp } = startAgent();
    bringUp();
    agent.stop('SIGTERM');
    agent.stop('SIGTERM');
    expect(calls).toContain(`withdraw ${vip1}`);
  });
});
