import { hostname, userInfo } from 'node:os';

/** Who is at the keyboard, also behind sudo: `jd@lvs1`. */
export function operatorName(): string {
  return `${process.env['SUDO_USER'] ?? userName()}@${hostname()}`;
}

/**
 * The user of this process, or `uid 1000650000` where no name belongs to it, as in pods that get a uid of their own.
 * @param look throws when the system knows no such user.
 */
export function userName(look: () => { readonly username: string } = userInfo): string {
  try {
    return look().username;
  } catch {
    return `uid ${process.geteuid?.()}`;
  }
}
