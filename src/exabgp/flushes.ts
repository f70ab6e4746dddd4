/** What a flush depends on. */
export interface FlushPorts {
  /** Makes sure that a list of neighbors is on its way; false when there will be none. */
  refresh(): boolean;
  /** Whether any neighbor is established, or nobody can tell. */
  mayFlush(): boolean;
  send(command: number): void;
  /** There was nothing to send again. */
  needless(command: number): void;
}

/**
 * Flushes, held back until the neighbors have just been listed, and dropped when none is established: then there is
 * nothing to send again, since a new session gets every route anyway, and ExaBGP 4.2.21 ends with an AttributeError
 * (reactor/api/command/rib.py line 115 passes the log level 'warning', which its logger does not have).
 */
export class Flushes {
  readonly #ports: FlushPorts;
  readonly #waiting: number[] = [];

  constructor(ports: FlushPorts) {
    this.#ports = ports;
  }

  /** One more is wanted. */
  ask(command: number): void {
    this.#waiting.push(command);
    if (!this.#ports.refresh()) this.refreshed();
  }

  /** The neighbors are as fresh as they can be. */
  refreshed(): void {
    for (const command of this.#waiting.splice(0)) {
      if (this.#ports.mayFlush()) this.#ports.send(command);
      else this.#ports.needless(command);
    }
  }
}
