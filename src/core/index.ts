/** The one door to the core for code that runs it. */
export { brokenInvariants } from './invariants.ts';
export { initialState, type State } from './state.ts';
export { step } from './step.ts';
