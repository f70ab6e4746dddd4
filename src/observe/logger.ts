import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { Level, Report } from '../core/report.ts';
import { type Fields, fieldsOf } from './fields.ts';
import { isoTime } from './iso-time.ts';
import { createLineSink } from './line-sink.ts';
import { levelOf, sentenceOf } from './sentences.ts';
import type { Snapshot } from './snapshot.ts';

const stderrFd = 2;
const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const colours: Readonly<Record<Level, number>> = { debug: 2, info: 32, warn: 33, error: 31 };

/** What a logger is built with. */
export interface LoggerOptions {
  /** Gives lines their time and paces retries; no decision depends on it. */
  readonly clock: Clock;
  /** The least level that is written, here and to syslog. */
  readonly level: Level;
  /** Nothing to stderr; syslog goes on. */
  readonly silent: boolean;
  /** Gets each line for syslog: the sentence, then its fields as `name=value`. */
  readonly syslogLine?: (level: Level, line: string) => void;
  /** `auto`, the default, is `human` on a terminal and `json` otherwise. */
  readonly form?: 'json' | 'human' | 'auto';
  /** Where lines go instead of stderr. */
  readonly fd?: number;
}

/** Tells people what happened. */
export interface Logger {
  /** Writes one report as one line. Never blocks, never throws; what stderr does not take in time is dropped and counted. */
  report(report: Report): void;
  /** Writes one line about the agent and one about each service, whatever the level, since somebody asked for them. */
  snapshot(snapshot: Snapshot): void;
  /** Writes from now on what is of this level, or worse. */
  setLevel(level: Level): void;
  /** Hands all lines that wait to the kernel, as far as it takes them without blocking; call it before exit. */
  flush(): void;
}

/**
 * Logs to stderr, never to stdout, which belongs to ExaBGP: one JSON line per report with stable field names, or one
 * short line for people on a terminal.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { clock, syslogLine } = options;
  let least = options.level;
  const fd = options.fd ?? stderrFd;
  const time = () => isoTime(clock.wallMs());
  const toText = isHuman(options.form ?? 'auto', fd) ? humanForm(fd, time) : jsonForm(time);
  const lineOf = (report: Report) => toText(levelOf(report), sentenceOf(report), fieldsOf(report));
  const sink = options.silent
    ? undefined
    : createLineSink({ fd, clock, wordsForLost: (count) => lineOf(linesLost(count)) });
  return {
    report(report) {
      const level = levelOf(report);
      if (ranks[level] < ranks[least]) return;
      sink?.write(lineOf(report));
      syslogLine?.(level, syslogForm(sentenceOf(report), fieldsOf(report)));
    },
    snapshot({ services, ...agent }) {
      const tell = (sentence: string, fields: Fields) => {
        sink?.write(toText('info', sentence, fields, true));
        syslogLine?.('info', syslogForm(sentence, fields));
      };
      tell(`state of ${agent.member}`, { event: 'state', ...agent });
      for (const service of services)
        tell(`state of ${service.service}`, { event: 'state', ...service });
    },
    setLevel(level) {
      least = level;
    },
    flush: () => sink?.flush(),
  };
}

/** `areShown`: the fields say more than the sentence, for people as well. */
type ToText = (level: Level, sentence: string, fields: Fields, areShown?: boolean) => string;

function linesLost(count: number): Report {
  const detail = `${count} lines were lost because stderr did not take them`;
  return { kind: 'noticed', level: 'warn', place: 'log', detail };
}

function jsonForm(time: () => string): ToText {
  let line = '';
  const logger = pino(
    {
      level: 'debug',
      base: null,
      timestamp: () => `,"time":"${time()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Not pino's own destination: sonic-boom 4.2.1 loops for ever in flushSync, which pino calls at exit, when stderr
    // is full or its reader is gone.
    {
      write: (text: string) => {
        line = text;
      },
    },
  );
  return (level, sentence, fields) => {
    logger[level](fields, sentence);
    return line;
  };
}

function humanForm(fd: number, time: () => string): ToText {
  const { NO_COLOR: noColour = '' } = process.env;
  const hasColour = noColour === '' && isatty(fd);
  return (level, sentence, fields, areShown) => {
    const word = level.toUpperCase().padEnd(5);
    const shown = hasColour ? `\u001b[${colours[level]}m${word}\u001b[0m` : word;
    // A detail may be another program's text, or a stack: neither may break the line or steer the terminal.
    const text = sentence.replace(/\p{Cc}+/gu, ' ');
    return `${time().slice(11)} ${shown} ${text}${areShown ? ` ${JSON.stringify(fields)}` : ''}\n`;
  };
}

/** Syslog adds time and severity itself. */
function syslogForm(sentence: string, fields: Fields): string {
  const pairs = Object.entries(fields).filter(([name]) => name !== 'detail');
  const words = pairs.map(([name, value]) => `${name}=${wordOf(value)}`);
  return `${sentence} [${words.join(' ')}]`;
}

function wordOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isHuman(form: 'json' | 'human' | 'auto', fd: number): boolean {
  return form === 'auto' ? isatty(fd) : form === 'human';
}
