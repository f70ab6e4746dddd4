/** The one door to the core for code that runs it. */
export { initialState } from './initial-state.ts';
export { brokenInvariants } from './invariants.ts';
export type { State } from './state.ts';
export { step, type TakenStep } from './step.ts';
