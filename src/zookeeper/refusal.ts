import { errorCode, type LibraryError } from './library.ts';

/** Why a request brought no value. `lost`: sent, but the answer is missing, so a write may or may not be applied. */
export type Problem =
  | 'notConnected'
  | 'lost'
  | 'noNode'
  | 'nodeExists'
  | 'noAuth'
  | 'badVersion'
  | 'other';

/** The permission that an ACL must grant for a request, and the znode whose ACL that is. */
export interface Needs {
  readonly permission: string;
  readonly path: string;
}

/** Why a request was not done, and what to do about it where that is known. */
export function failure(
  error: LibraryError,
  needs: Needs,
): { readonly ok: false; readonly problem: Problem; readonly detail: string } {
  const detail = `${error.message}${adviceOn(error.code, needs)}`;
  return { ok: false, problem: problemOf(error.code), detail };
}

/** What to tell people who must fix an ACL. */
function adviceOn(code: number, { permission, path }: Needs): string {
  if (code === errorCode.noAuth)
    return (
      `: this needs the ${permission} permission on ${path}; grant it with zkCli (getAcl ${path}, then ` +
      `setAcl ${path} ...), or set zookeeper.auth to credentials that have it`
    );
  if (code === errorCode.invalidAcl)
    return ': the server does not know what is in zookeeper.auth, or in zookeeper.acl.operators';
  return '';
}

function problemOf(code: number): Problem {
  switch (code) {
    case errorCode.connectionLoss:
    case errorCode.sessionExpired:
    case errorCode.authFailed:
      return 'lost';
    case errorCode.noNode:
      return 'noNode';
    case errorCode.nodeExists:
      return 'nodeExists';
    // Credentials that the server took for none make an ACL of "whoever I am" invalid.
    case errorCode.noAuth:
    case errorCode.invalidAcl:
      return 'noAuth';
    case errorCode.badVersion:
      return 'badVersion';
    default:
      return 'other';
  }
}
