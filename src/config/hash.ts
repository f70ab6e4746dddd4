/** Tells one version of a configuration from another: the first 12 hex digits of the SHA-256 of what was read. */
export function hashOf(text: string): string {
  return crypto().createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Loaded when it is needed: it costs milliseconds that `--help` need not wait for. */
const crypto = () => process.getBuiltinModule('node:crypto');
