import type { Identity } from './identity.ts';
import type { Poller } from './poller.ts';

/** Says once, in one line, what the agent can and cannot know under the ExaBGP that it found. */
export class Introduction {
  readonly #identity: Pick<Identity, 'reported' | 'dialect'>;
  readonly #poller: Pick<Poller, 'canList'>;
  readonly #note: (detail: string) => void;
  #isSaid = false;

  constructor(
    identity: Pick<Identity, 'reported' | 'dialect'>,
    poller: Pick<Poller, 'canList'>,
    note: (detail: string) => void,
  ) {
    this.#identity = identity;
    this.#poller = poller;
    this.#note = note;
  }

  /** To be called when there is something to say: ExaBGP is identified, and was asked for its neighbors. */
  say(): void {
    const { reported, dialect } = this.#identity;
    if (this.#isSaid || reported === undefined) return;
    this.#isSaid = true;
    const { version, acks } = reported;
    const who = version === undefined ? 'ExaBGP has not said its version' : `ExaBGP ${version}`;
    const parts = [
      acks
        ? 'it answers commands, so a refused or lost one is known'
        : 'it answers no command, so each counts as accepted a moment after it was written',
      this.#poller.canList
        ? 'it lists its neighbors, so one that comes or goes is known soon, and at once with neighbor-changes'
        : 'it lists no neighbors, so only state lines tell of them, which need neighbor-changes',
      dialect.tellsShutdown
        ? 'it says when it shuts down'
        : 'it does not say when it shuts down, so its end is known by the closed pipe',
    ];
    this.#note(`${who}, spoken to as ${dialect.name}: ${parts.join('; ')}`);
  }
}
