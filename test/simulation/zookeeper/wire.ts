import type { Operation } from './tree.ts';

/** What a client asks a server, in the order of one connection. */
export type Request =
  | {
      readonly kind: 'read';
      readonly what: 'children' | 'data' | 'exists';
      readonly path: string;
      readonly watch: boolean;
      readonly reply: Reply;
    }
  | { readonly kind: 'write'; readonly operations: readonly Operation[]; readonly reply: Reply }
  | { readonly kind: 'closeSession'; readonly reply: Reply };

/** ZooKeeper's error code, or undefined and the result. Runs in the client. */
export type Reply = (error: number | undefined, result?: unknown) => void;

/** What a handshake brings: the session, or `expired` for one that is no more. */
export type Welcome = Granted | 'expired';

export interface Granted {
  readonly id: Buffer;
  readonly password: Buffer;
  readonly timeoutMs: number;
}

/** What a client presents when it connects. */
export interface Hello {
  readonly timeoutMs: number;
  readonly resume: { readonly id: Buffer; readonly password: Buffer } | undefined;
}

/** The client's end of a TCP connection. */
export interface ClientEnd {
  /** The kernel has accepted the connection. */
  open(): void;
  welcome(welcome: Welcome): void;
  event(path: string, type: number, kind: 'data' | 'children'): void;
  closed(detail: string): void;
}
