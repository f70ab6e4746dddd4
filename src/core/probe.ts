/**
 * What one run of a check looks at. Plain data, all of it from the configuration: two probes with the same content are
 * the same check. Files are named, not held, so that a renewed one counts at the next run and no secret of one is here.
 */
export type Probe =
  /** Run by `/bin/sh -c`; exit code 0 is a pass. */
  | { readonly kind: 'exec'; readonly command: string }
  | HttpProbe
  | TcpProbe
  | DnsProbe
  | IpvsProbe
  /** Passes while the file is there, or while it is not. */
  | { readonly kind: 'file'; readonly path: string; readonly mustExist: boolean }
  /** Looks at nothing: every run comes to this. */
  | { readonly kind: 'always'; readonly passes: boolean };

/** One request on a connection of its own; redirects are judged, not followed. */
export interface HttpProbe {
  readonly kind: 'http';
  readonly url: string;
  readonly method: string;
  /** Names as written. Values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Status codes that pass: ranges, both ends included. */
  readonly status: readonly (readonly [number, number])[];
  /** What the beginning of the body must hold. */
  readonly body?: { readonly text: string } | { readonly pattern: string };
  /** Path of the unix socket to connect to instead of the URL's host. */
  readonly socket?: string;
  /** Our address. */
  readonly source?: string;
  /** For `https`; paths of PEM files. */
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    /** The name that is asked for and must be in the certificate, instead of the URL's host. */
    readonly serverName?: string;
    /** Any certificate will do. */
    readonly insecure?: boolean;
  };
}

/** Passes when the connection is accepted, and what the server says first begins with `banner`. */
export interface TcpProbe {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  readonly source?: string;
  readonly banner?: string;
}

/** Passes when the server answers with records, and every expected one is among them. */
export interface DnsProbe {
  readonly kind: 'dns';
  /** Address, and port when it is not 53, as `192.0.2.1:5353` or `[2001:db8::1]:5353`. */
  readonly server: string;
  readonly name: string;
  readonly type: DnsType;
  readonly answers: readonly string[];
  readonly source?: string;
}

/** Record types that a check can ask for. */
export type DnsType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';

/**
 * Counts the real servers with a weight above 0 in the kernel's table. A run that finds at most `drop` fails, one that
 * finds at least `restore` passes; in between it comes to what the run before came to.
 */
export interface IpvsProbe {
  readonly kind: 'ipvs';
  /** Address in canonical text. */
  readonly service:
    | { readonly protocol: 'tcp' | 'udp' | 'sctp'; readonly address: string; readonly port: number }
    | { readonly mark: number };
  readonly drop: number;
  readonly restore: number;
  /** A file with the table, as the kernel or `ipvsadm -Ln` writes it. */
  readonly table: string;
}
