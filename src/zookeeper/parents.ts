import type { Answer, OnAnswer, Requests } from './requests.ts';

/**
 * Creates a persistent znode and what is missing above it, a chroot included; there is no harm in its existing.
 * Tried from the bottom: nearly always only the last name is missing.
 */
export function ensurePersistent(requests: Requests, path: string, onAnswer: OnAnswer<void>): void {
  requests.createPersistent(path, (answer) => {
    if (isThere(answer)) return onAnswer({ ok: true, value: undefined });
    const parent = parentOf(path);
    if (answer.ok || answer.problem !== 'noNode' || parent === '/') return onAnswer(answer);
    ensurePersistent(requests, parent, (above) => {
      if (!above.ok) return onAnswer(above);
      requests.createPersistent(path, (again) =>
        onAnswer(isThere(again) ? { ok: true, value: undefined } : again),
      );
    });
  });
}

/** `/a/b` of `/a/b/c`; `/` of `/a`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** What to tell people who must fix an ACL. */
export function aclAdvice(path: string, permission: string, detail: string): string {
  return (
    `${detail}: this needs the ${permission} permission on ${path}; ` +
    `grant it with zkCli (getAcl ${path}, then setAcl ${path} ...) or set zookeeper.auth to an identity that has it`
  );
}

function isThere(answer: Answer<void>): boolean {
  return answer.ok || answer.problem === 'nodeExists';
}
