import type {
  ActPart,
  FleetPart,
  MemberPart,
  Message,
  MovePart,
  OrderPart,
  PartEntry,
  PartKey,
  ProblemPart,
  ServicePart,
  VipPart,
} from '../wire.ts';

/** The fleet as the page knows it. What a message leaves alone is the same object afterwards, so that it is not drawn anew. */
export interface Model {
  readonly fleet: FleetPart;
  readonly services: ReadonlyMap<string, ServiceModel>;
  /** By time, the latest last. */
  readonly moves: readonly ServiceMove[];
  /** By time, the latest last. */
  readonly acts: readonly ServiceAct[];
}

export interface ServiceModel {
  readonly service: string;
  readonly about: ServicePart;
  /** The worst first; not all of them, when there are many. */
  readonly problems: readonly ServiceProblem[];
  readonly order: OrderPart;
  readonly members: ReadonlyMap<string, MemberPart>;
  readonly vips: ReadonlyMap<string, VipPart>;
}

export interface ServiceProblem extends ProblemPart {
  /** Unique in the service. */
  readonly key: string;
}

export interface ServiceMove extends MovePart {
  readonly service: string;
  /** Unique in the fleet. */
  readonly key: string;
}

export interface ServiceAct extends ActPart {
  readonly service: string;
  /** Unique in the fleet. */
  readonly key: string;
}

export const emptyModel: Model = {
  fleet: { root: '', refusals: [] },
  services: new Map(),
  moves: [],
  acts: [],
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
  about: { drains: [], problemCounts: { error: 0, warning: 0, info: 0 } },
  problems: [],
  order: { members: [], vips: [] },
  members: new Map(),
  vips: new Map(),
};

interface ServiceDraft {
  about: ServicePart;
  problems: readonly ServiceProblem[];
  order: OrderPart;
  readonly members: Map<string, MemberPart>;
  readonly vips: Map<string, VipPart>;
}

/** Copies what changes, once for each message. */
class Draft {
  readonly #services: Map<string, ServiceModel>;
  readonly #drafts = new Map<string, ServiceDraft>();
  #fleet: FleetPart;
  readonly #moves: Events<ServiceMove>;
  readonly #acts: Events<ServiceAct>;

  constructor(model: Model) {
    this.#services = new Map(model.services);
    this.#fleet = model.fleet;
    this.#moves = new Events(model.moves);
    this.#acts = new Events(model.acts);
  }

  set(entry: PartEntry): void {
    const [kind, service, name, part] = entry;
    if (kind === 'fleet') this.#fleet = part;
    else if (kind === 'move') this.#moves.set({ ...part, service, key: `${service} ${name}` });
    else if (kind === 'act') this.#acts.set({ ...part, service, key: `${service} ${name}` });
    else {
      const draft = this.#service(service);
      if (kind === 'service') draft.about = part;
      else if (kind === 'order') draft.order = part;
      else if (kind === 'member') draft.members.set(name, part);
      else if (kind === 'problem') draft.problems = withProblem(draft.problems, name, part);
      else draft.vips.set(name, part);
    }
  }

  remove([kind, service, name]: PartKey): void {
    if (kind === 'move') this.#moves.delete(`${service} ${name}`);
    else if (kind === 'act') this.#acts.delete(`${service} ${name}`);
    else if (kind === 'service') {
      this.#services.delete(service);
      this.#drafts.delete(service);
    } else if (this.#services.has(service)) {
      const draft = this.#service(service);
      if (kind === 'member') draft.members.delete(name);
      else if (kind === 'vip') draft.vips.delete(name);
      else if (kind === 'problem') draft.problems = withProblem(draft.problems, name);
    }
  }

  finish(): Model {
    for (const [service, draft] of this.#drafts) this.#services.set(service, { service, ...draft });
    return {
      fleet: this.#fleet,
      services: new Map([...this.#services].sort(([one], [other]) => (one < other ? -1 : 1))),
      moves: this.#moves.finish(),
      acts: this.#acts.finish(),
    };
  }

  #service(service: string): ServiceDraft {
    const known = this.#drafts.get(service);
    if (known !== undefined) return known;
    const { members, vips, ...rest } = this.#services.get(service) ?? emptyService;
    const draft = { ...rest, members: new Map(members), vips: new Map(vips) };
    this.#drafts.set(service, draft);
    return draft;
  }
}

/** What happened, by time; the same list as long as nothing comes or goes. */
class Events<Item extends { readonly at: string; readonly key: string }> {
  readonly #before: readonly Item[];
  #items: Map<string, Item> | undefined;

  constructor(before: readonly Item[]) {
    this.#before = before;
  }

  set(item: Item): void {
    this.#toChange().set(item.key, item);
  }

  delete(key: string): void {
    this.#toChange().delete(key);
  }

  finish(): readonly Item[] {
    if (this.#items === undefined) return this.#before;
    return [...this.#items.values()].sort((one, other) => (one.at < other.at ? -1 : 1));
  }

  #toChange(): Map<string, Item> {
    this.#items ??= new Map(this.#before.map((item) => [item.key, item]));
    return this.#items;
  }
}

const names = new Intl.Collator('en', { numeric: true });

/** In order, with one more, or without one. */
function withProblem(
  problems: readonly ServiceProblem[],
  key: string,
  part?: ProblemPart,
): readonly ServiceProblem[] {
  const rest = problems.filter((problem) => problem.key !== key);
  if (part === undefined) return rest;
  return [...rest, { ...part, key }].sort(
    (one, other) => one.rank - other.rank || names.compare(one.subject, other.subject),
  );
}
