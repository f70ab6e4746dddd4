/** Put in by the bundler; absent when the source runs as it is. */
declare const __VERSION__: string | undefined;
declare const __COMMIT__: string | undefined;

/** Version and commit, as in `0.1.0 (1f2e3d4c5b6a)`. */
export function versionText(): string {
  const version = typeof __VERSION__ === 'string' ? __VERSION__ : 'unbuilt';
  const commit = typeof __COMMIT__ === 'string' ? __COMMIT__ : 'unknown';
  return `${version} (${commit})`;
}
