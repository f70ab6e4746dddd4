/** What ExaBGP says to one line, line ends included; undefined to say nothing. */
export type Reply = (line: string) => string | undefined;

/** One line as ExaBGP read it. */
export interface ReadLine {
  readonly atMs: number;
  readonly text: string;
}

/** The far side of the agent's pipes: answers as ExaBGP 4.2 does until it is told otherwise. */
export interface ScriptedExaBgp {
  /** Every announce, withdraw and flush, in order, whether it was taken or not. */
  readonly commands: readonly ReadLine[];
  /** The routes it has: prefix, then what follows it in the line. */
  readonly routes: ReadonlyMap<string, string>;
  /** The prefixes about which anything was said. */
  readonly told: ReadonlySet<string>;
  /** How often the neighbors were asked for. */
  readonly polls: number;
  /** Neighbors it lists as established; one at the beginning. */
  neighbors: readonly string[];
  /** Answers of another kind from now on; called without an argument, its own again. */
  answerWith(reply?: Reply): void;
  /** What it says of itself to one line, and does to its routes. */
  readonly reply: Reply;
  /** Takes bytes from the agent; returns what to answer. */
  read(bytes: Buffer): string;
}

/** Makes one with no routes. */
export function createScriptedExaBgp(): ScriptedExaBgp {
  return new Scripted();
}

const summaryHeader = 'Peer            AS        up/down state       |     #sent     #recvd\n';

class Scripted implements ScriptedExaBgp {
  readonly commands: ReadLine[] = [];
  readonly routes = new Map<string, string>();
  readonly told = new Set<string>();
  neighbors: readonly string[] = ['10.66.0.2'];
  polls = 0;
  #half = '';
  #answer: Reply = (line) => this.reply(line);

  answerWith(reply: Reply = this.reply): void {
    this.#answer = reply;
  }

  readonly reply: Reply = (line) => {
    if (line === 'system version') return 'exabgp 4.2.21\ndone\n';
    if (line === 'show neighbor summary') return `${this.#summary()}done\n`;
    if (line === 'flush adj-rib out') return 'done\n';
    const [, action, prefix, attributes] = /^(announce|withdraw) route (\S+)(?: (.*))?$/.exec(
      line,
    ) ?? [undefined, undefined, undefined, undefined];
    if (action === undefined || prefix === undefined) return 'error\n';
    this.told.add(prefix);
    if (action === 'announce') this.routes.set(prefix, attributes ?? '');
    else this.routes.delete(prefix);
    return 'done\n';
  };

  read(bytes: Buffer): string {
    const lines = (this.#half + bytes.toString('latin1')).split('\n');
    this.#half = lines.pop() ?? '';
    return lines.map((line) => this.#take(line)).join('');
  }

  #take(text: string): string {
    if (text === 'show neighbor summary') this.polls += 1;
    else if (text !== 'system version') this.commands.push({ atMs: performance.now(), text });
    return this.#answer(text) ?? '';
  }

  #summary(): string {
    const rows = this.neighbors.map(
      (address) => `${address.padEnd(15)} 65001     0:00:11 established           4          0\n`,
    );
    return [summaryHeader, ...rows].join('');
  }
}
