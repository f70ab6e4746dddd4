import { origin, type Result } from '../operate/change.ts';

/** What became of a drain's znode, in words about the routes. */
export function outcomeText(result: Result): string {
  const { action, outcome, detail, before } = result;
  const was = before === undefined ? '' : ` (before:${origin(before)})`;
  switch (outcome) {
    case 'failed':
      return `FAILED: ${detail}`;
    case 'done':
      return `${action === 'set' ? 'withdrawn from now on' : 'restored'}${was}`;
    case 'changed':
      return `stays withdrawn${origin(result)}${was}`;
    case 'already':
      return action === 'set' ? `was withdrawn already${origin(result)}` : 'was not withdrawn';
    case 'kept':
      return `was withdrawn already${origin(result)}; that is longer than what was asked for, so it stands`;
  }
}
