import type { LoadBalancerName } from '../plan.ts';
import type { Setup } from '../setups.ts';
import type { Stage } from '../stage.ts';

/** One thing a fault must show, and what was seen. */
export interface Check {
  readonly what: string;
  /** Undefined for a yes/no check. */
  readonly measuredMs?: number;
  readonly boundMs?: number;
  readonly isHeld: boolean;
  /** What was counted, where that is more than a duration. */
  readonly figure?: string;
  readonly detail?: string;
}

/** One row of the measured tables: something that breaks, or a move that is planned. */
export interface Fault {
  readonly name: string;
  readonly title: string;
  /** The bound, as people read it. */
  readonly bound: string;
  /** What exazk.py was measured at; undefined for what it cannot do, or was not measured at. */
  readonly exazk?: string;
  readonly victim?: LoadBalancerName;
  /** What the lab runs with meanwhile; `ownership` unless told. */
  readonly setup?: Setup;
  /** Breaks, watches, repairs; starts and leaves the fabric settled. */
  readonly run: (stage: Stage) => Promise<readonly Check[]>;
}

/** A check that a duration stays within its bound. */
export function within(what: string, measuredMs: number, boundMs: number, detail?: string): Check {
  const measured = { what, measuredMs: Math.round(measuredMs), boundMs: Math.round(boundMs) };
  const isHeld = measured.measuredMs <= measured.boundMs;
  return detail === undefined ? { ...measured, isHeld } : { ...measured, isHeld, detail };
}

/** A check that something holds. */
export function holds(what: string, isHeld: boolean, detail?: string): Check {
  return detail === undefined ? { what, isHeld } : { what, isHeld, detail };
}
