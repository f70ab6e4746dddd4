import { type Answer, type OnAnswer, parentOf, type Requests } from './requests.ts';

/**
 * Creates a persistent znode and what is missing above it, a chroot included; there is no harm in its existing.
 * Tried from the bottom: nearly always only the last name is missing.
 * @param users who creates nodes in it; those above are for us alone.
 */
export function ensurePersistent(
  requests: Requests,
  path: string,
  users: 'us' | 'operators',
  onAnswer: OnAnswer<void>,
): void {
  requests.createPersistent(path, users, (answer) => {
    if (isThere(answer)) return onAnswer({ ok: true, value: undefined });
    const parent = parentOf(path);
    if (answer.ok || answer.problem !== 'noNode' || parent === '/') return onAnswer(answer);
    ensurePersistent(requests, parent, 'us', (above) => {
      if (!above.ok) return onAnswer(above);
      requests.createPersistent(path, users, (again) =>
        onAnswer(isThere(again) ? { ok: true, value: undefined } : again),
      );
    });
  });
}

function isThere(answer: Answer<void>): boolean {
  return answer.ok || answer.problem === 'nodeExists';
}
