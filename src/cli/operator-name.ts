import { hostname, userInfo } from 'node:os';

/** Who is at the keyboard, also behind sudo: `jd@lvs1`. */
export function operatorName(): string {
  return `${process.env['SUDO_USER'] ?? userInfo().username}@${hostname()}`;
}
