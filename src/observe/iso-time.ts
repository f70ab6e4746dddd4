/** A wall time (ms since 1970) as ISO 8601 in UTC, to the millisecond: the only form in which times are shown. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
