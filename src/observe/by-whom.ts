/** Who did something and why, as far as that is known: ` by jd@lb1 (new kernel)`, ` (new kernel)`, or nothing. */
export function byWhom({
  who,
  why,
}: {
  readonly who?: string | undefined;
  readonly why?: string | undefined;
}): string {
  const by = who === undefined ? '' : ` by ${who}`;
  return why === undefined ? by : `${by} (${why})`;
}
