import { describe, expect, it } from 'vitest';
import { isReason, type Reason, ruleOf, rules } from '../../src/core/rule.ts';

describe('the rule that decided', () => {
  it.each<[Reason, string, string]>([
    ['noView', 'hold', 'ZooKeeper'],
    ['maintenance', 'none', 'maintenance'],
    ['handedOver', 'drain', 'taken out'],
    ['healthDown', 'down', 'health'],
    ['owner', 'owner', 'owns it'],
    ['claimMissing', 'backup', 'claim is missing'],
    ['takeoverDelay', 'hold', 'claim is missing'],
    ['heldByOwner', 'standby', 'standby is configured'],
    ['noLocalAs', 'none', 'standby is configured'],
    ['heldByOwner', 'none', 'otherwise'],
  ])('is known by its reason, %s, and what came of it, %s', (reason, role, words) => {
    expect(rules[ruleOf(reason, role)]).toContain(words);
  });

  it('is known for the reasons of this version alone', () => {
    expect(['owner', 'inheritance', 'toString'].map(isReason)).toEqual([true, false, false]);
  });
});
