import type {
  FleetPart,
  MemberPart,
  Message,
  MovePart,
  OrderPart,
  PartEntry,
  PartKey,
  ServicePart,
  VipPart,
} from '../wire.ts';

/** The fleet as the page knows it. What a message leaves alone is the same object afterwards, so that it is not drawn anew. */
export interface Model {
  readonly fleet: FleetPart;
  readonly services: ReadonlyMap<string, ServiceModel>;
  /** By time, the latest last. */
  readonly moves: readonly ServiceMove[];
}

export interface ServiceModel {
  readonly service: string;
  readonly about: ServicePart;
  readonly order: OrderPart;
  readonly members: ReadonlyMap<string, MemberPart>;
  readonly vips: ReadonlyMap<string, VipPart>;
}

export interface ServiceMove extends MovePart {
  readonly service: string;
  /** Unique in the fleet. */
  readonly key: string;
}

export const emptyModel: Model = {
  fleet: { root: '', refusals: [] },
  services: new Map(),
  moves: [],
};

/** The model after a message; start from {@link emptyModel} for one that has everything. Pure. */
export function applyMessage(model: Model, { set, removed }: Message): Model {
  if (set.length === 0 && removed.length === 0) return model;
  const draft = new Draft(model);
  for (const key of removed) draft.remove(key);
  for (const entry of set) draft.set(entry);
  return draft.finish();
}

const emptyService: Omit<ServiceModel, 'service'> = {
  about: { drains: [], problems: [] },
  order: { members: [], vips: [] },
  members: new Map(),
  vips: new Map(),
};

interface ServiceDraft {
  about: ServicePart;
  order: OrderPart;
  readonly members: Map<string, MemberPart>;
  readonly vips: Map<string, VipPart>;
}

/** Copies what changes, once for each message. */
class Draft {
  readonly #model: Model;
  readonly #services: Map<string, ServiceModel>;
  readonly #drafts = new Map<string, ServiceDraft>();
  #fleet: FleetPart;
  #moves: Map<string, ServiceMove> | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#services = new Map(model.services);
    this.#fleet = model.fleet;
  }

  set(entry: PartEntry): void {
    const [kind, service, name, part] = entry;
    if (kind === 'fleet') this.#fleet = part;
    else if (kind === 'move') {
      const key = `${service} ${name}`;
      this.#movesToChange().set(key, { ...part, service, key });
    } else {
      const draft = this.#service(service);
      if (kind === 'service') draft.about = part;
      else if (kind === 'order') draft.order = part;
      else if (kind === 'member') draft.members.set(name, part);
      else draft.vips.set(name, part);
    }
  }

  remove([kind, service, name]: PartKey): void {
    if (kind === 'move') this.#movesToChange().delete(`${service} ${name}`);
    else if (kind === 'service') {
      this.#services.delete(service);
      this.#drafts.delete(service);
    } else if (this.#services.has(service)) {
      const draft = this.#service(service);
      if (kind === 'member') draft.members.delete(name);
      else if (kind === 'vip') draft.vips.delete(name);
    }
  }

  finish(): Model {
    for (const [service, draft] of this.#drafts) this.#services.set(service, { service, ...draft });
    const moves = this.#moves;
    return {
      fleet: this.#fleet,
      services: new Map([...this.#services].sort(([one], [other]) => (one < other ? -1 : 1))),
      moves:
        moves === undefined
          ? this.#model.moves
          : [...moves.values()].sort((one, other) => (one.at < other.at ? -1 : 1)),
    };
  }

  #service(service: string): ServiceDraft {
    const known = this.#drafts.get(service);
    if (known !== undefined) return known;
    const { about, order, members, vips } = this.#services.get(service) ?? emptyService;
    const draft = { about, order, members: new Map(members), vips: new Map(vips) };
    this.#drafts.set(service, draft);
    return draft;
  }

  #movesToChange(): Map<string, ServiceMove> {
    this.#moves ??= new Map(this.#model.moves.map((move) => [move.key, move]));
    return this.#moves;
  }
}
