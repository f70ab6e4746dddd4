import { describe, expect, it } from 'vitest';
import { buildFleetView } from '../../src/observe/build-fleet-view.ts';
import { explain } from '../../src/observe/explain.ts';
import { explainLines } from '../../src/observe/text/explain-text.ts';
import { plain } from '../../src/observe/text/style.ts';
import { fleetReading, type ServiceParts } from '../helpers/fleet-reading.ts';

const [one, three] = ['10.20.255.1', '10.20.255.3'] as const;
const failedOver: ServiceParts = {
  members: {
    lb1: { vips: { [one]: 'owner', [three]: 'backup' } },
    lb2: {
      vips: {
        [one]: 'none',
        [three]: {
          role: 'none',
          reason: 'healthDown',
          sentence: 'withdrawn, because its health is down',
        },
      },
      report: { health: 'down' },
      record: { health: 'down', checks: [{ name: 'http', verdict: 'down', detail: 'status 503' }] },
    },
    lb3: { vips: { [one]: 'none', [three]: 'owner' }, isGone: true },
    lb4: { vips: {} },
  },
  claims: { [one]: 'lb1' },
};

function textOf(parts: ServiceParts, vip: string): string {
  const { services, readAt } = buildFleetView(fleetReading(parts));
  const lines = explain(services, vip).flatMap((one) => explainLines(one, readAt, plain));
  return `\n${lines.join('\n')}\n`;
}

describe('an explanation', () => {
  it('tells the rule that decided at each member, the facts, and what would change it', () => {
    expect(textOf(failedOver, '10.20.255.3/32')).toMatchSnapshot();
  });

  it('says of ExaZK, drains and maintenance what is known', () => {
    const parts: ServiceParts = {
      members: {
        lb1: { vips: { [one]: { role: 'none', reason: 'maintenance' } }, record: undefined },
        lb2: { vips: { [one]: { role: 'none', reason: 'inheritance', sentence: 'withdrawn' } } },
      },
      claims: { [one]: 'exazk' },
      drains: { [one]: {} },
      maintenance: {},
    };
    expect(textOf(parts, '10.20.255.1/32')).toMatchSnapshot();
  });

  it('is of no service that does not have the VIP', () => {
    expect(explain(buildFleetView(fleetReading(failedOver)).services, '10.0.0.9/32')).toEqual([]);
  });

  it.each([
    ['heldByOwner', 'the claim of lb1 goes, by a drain, a failure or a stop'],
    ['maintenance', 'maintenance ends: vipkeeper maintenance off apex'],
    ['drained', 'the drain is lifted: vipkeeper undrain apex lb2'],
    ['takeoverDelay', 'takeover.delay has passed without a claim'],
    ['stopping', 'the agent is started again'],
    ['frozen', 'ZooKeeper is reached again, and read whole'],
  ])('of %s says when it changes', (reason, changesWhen) => {
    const lb2 = { vips: { [one]: { role: 'none', reason } } };
    const { services } = buildFleetView(
      fleetReading({ members: { lb2 }, claims: { [one]: 'lb1' } }),
    );
    const [explanation] = explain(services, `${one}/32`);
    expect(explanation?.members[0]?.changesWhen).toBe(changesWhen);
  });
});
