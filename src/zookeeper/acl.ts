import { type LibraryAcl, library } from './library.ts';

/** Who may do what to the znodes we create. Of use only with credentials: without any they are open to everybody. */
export interface AclOptions {
  /** `members`: those with our credentials; operators may read as well. */
  readonly readers: 'everybody' | 'members';
  /** May do everything, beside those with our credentials. None named: everybody may set maintenance and drains. */
  readonly operators: readonly AclIdentity[];
}

/** As in an ACL of ZooKeeper: `digest` and `user:hash`, `x509` and a distinguished name, `ip` and addresses. */
export interface AclIdentity {
  readonly scheme: string;
  readonly id: string;
}

export interface Acls {
  /** Of claims and members, and of what is above them. */
  readonly ours: LibraryAcl[];
  /** Of parents whose children are made by operators: those of maintenance and of drains. */
  readonly shared: LibraryAcl[];
}

const openToReaders: AclOptions = { readers: 'everybody', operators: [] };

/** The ACLs of what we create. */
export function createAcls(
  hasAuth: boolean,
  { readers, operators }: AclOptions = openToReaders,
): Acls {
  const { ACL, Id, Permission } = library;
  if (!hasAuth) return { ours: ACL.OPEN_ACL_UNSAFE, shared: ACL.OPEN_ACL_UNSAFE };
  const anyone = Id.ANYONE_ID_UNSAFE;
  const ours = [
    ...ACL.CREATOR_ALL_ACL,
    ...operators.map(({ scheme, id }) => new ACL(Permission.ALL, new Id(scheme, id))),
    ...(readers === 'everybody' ? [new ACL(Permission.READ, anyone)] : []),
  ];
  // Not to write or to administer: nobody else may lock us out.
  const toEverybody = new ACL(Permission.CREATE | Permission.DELETE, anyone);
  return { ours, shared: operators.length === 0 ? [...ours, toEverybody] : ours };
}
