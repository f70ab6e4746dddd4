import type { ExazkOptions } from '../config/exazk-reader.ts';
import { type Flag, type Flags, parsePythonArguments, UsageError } from './python-arguments.ts';

/** What ExaZK's command line asks for. */
export type ExazkRequest =
  | { readonly kind: 'run'; readonly options: ExazkOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly detail: string };

type Target = keyof ExazkOptions | 'help' | 'version';

const host: Flag<Target> = { target: 'zk_hosts', takes: 'one', isRepeated: true };
const other: Flag<Target> = { target: 'srv_non_auth_ips', takes: 'one', isRepeated: true };
const debug: Flag<Target> = { target: 'debug', takes: 'none', value: true };
const silent: Flag<Target> = { target: 'silent', takes: 'none', value: true };
const facility: Flag<Target> = { target: 'syslog_facility', takes: 'maybe', value: 'daemon' };
const help: Flag<Target> = { target: 'help', takes: 'none' };
const one = (target: Target): Flag<Target> => ({ target, takes: 'one' });

const flags: Flags<Target> = new Map([
  ['-h', help],
  ['--help', help],
  ['--version', { target: 'version', takes: 'none' }],
  ['-f', one('conffile')],
  ['--config', one('conffile')],
  ['-d', debug],
  ['--debug', debug],
  ['-s', silent],
  ['--silent', silent],
  ['--no-syslog', { target: 'syslog', takes: 'none', value: false }],
  ['-sF', facility],
  ['--syslog-facility', facility],
  ['-zH', host],
  ['--zk-host', host],
  ['-zPS', one('zk_path_service')],
  ['--zk-path-service', one('zk_path_service')],
  ['-zPM', one('zk_path_maintenance')],
  ['--zk-path-maintenance', one('zk_path_maintenance')],
  ['-c', one('local_check')],
  ['--local-check', one('local_check')],
  ['-n', one('srv_name')],
  ['--name', one('srv_name')],
  ['-A', one('srv_auth_ip')],
  ['--auth-ip', one('srv_auth_ip')],
  ['-N', other],
  ['--non-auth-ip', other],
]);

/** Parses as Python's argparse does, which ExaZK uses. */
export function parseExazkArguments(argv: readonly string[]): ExazkRequest {
  try {
    const values = parsePythonArguments(argv, flags);
    if (values.has('help')) return { kind: 'help' };
    if (values.has('version')) return { kind: 'version' };
    return { kind: 'run', options: Object.fromEntries(values) };
  } catch (error) {
    if (error instanceof UsageError) return { kind: 'wrong', detail: error.message };
    throw error;
  }
}
