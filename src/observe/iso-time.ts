/** A wall time (ms since 1970) as ISO 8601 in UTC, to the millisecond: for machines. People read `timeText`. */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** A time of ISO 8601 as milliseconds since 1970. */
export function msOfIsoTime(time: string): number {
  return Date.parse(time);
}
