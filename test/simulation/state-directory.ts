import type { Memory } from '../../src/agent/ports.ts';
import type { Agreement, ServiceAgreement } from '../../src/core/agreement.ts';
import type { ServiceName } from '../../src/core/settings.ts';
import type { SessionMemory } from '../../src/zookeeper/session.ts';

/** What an agent leaves to its next life under the same boot; never locked, since lives follow one another here. */
export class SimulatedStateDirectory {
  #session: SessionMemory['session'];
  readonly #services = new Map<ServiceName, ServiceAgreement>();

  /** The ports of one life. */
  open(sessionTimeoutMs: number): Memory & SessionMemory {
    const agreement: Agreement | undefined =
      this.#services.size === 0
        ? undefined
        : { sessionTimeoutMs, services: new Map(this.#services) };
    return {
      agreement,
      session: this.#session,
      keepAgreement: (service, kept) => {
        this.#services.set(service, kept);
      },
      setServices: (services) => {
        const left = new Set(services.map(({ name }) => name));
        for (const name of this.#services.keys()) if (!left.has(name)) this.#services.delete(name);
      },
      keepSession: (session) => {
        this.#session = session;
      },
    };
  }
}
