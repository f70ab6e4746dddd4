import type { HttpProbe } from '../core/probe.ts';

/** Longest time that a pattern may hold this process: some need more than a lifetime on some texts. */
const patternMaxMs = 50;

/** What a search for a pattern comes to when it is given up. */
export type Found = boolean | 'tooSlow';

/** Tells whether a text holds what is wanted in a body. */
export function bodyTest(wanted: HttpProbe['body']): (text: string) => Found {
  if (wanted === undefined) return () => true;
  if ('text' in wanted) return (text) => text.includes(wanted.text);
  // Loaded when needed: agents without such a check do without its memory. Only here does JavaScript have a time limit.
  const { createContext, Script } = process.getBuiltinModule('node:vm');
  const sandbox = { pattern: new RegExp(wanted.pattern, 'm'), text: '' };
  const context = createContext(sandbox);
  const script = new Script('pattern.test(text)');
  return (text) => {
    sandbox.text = text;
    try {
      return script.runInContext(context, { timeout: patternMaxMs }) === true;
    } catch {
      return 'tooSlow';
    }
  };
}
