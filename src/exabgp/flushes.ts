/** What a flush depends on. */
export interface FlushPorts {
  /** Makes sure that a list of neighbors is on its way; false when there will be none. */
  refresh(): boolean;
  /** Whether any neighbor is established, or nobody can tell. */
  mayFlush(): boolean;
  /** Sends one; false when this speaker has no such command. */
  send(command: number): boolean;
  /** There was nothing to send again, and why. */
  needless(command: number, detail: string): void;
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
      if (!this.#ports.mayFlush()) this.#ports.needless(command, 'no neighbor is established');
      else if (!this.#ports.send(command))
        this.#ports.needless(command, 'this ExaBGP keeps the order of commands by itself');
    }
  }
}
