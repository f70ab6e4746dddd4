import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { HttpProbe } from '../core/probe.ts';
import type { Files } from './files.ts';
import { bodyTest, type Found } from './http-body.ts';
import { type BeginLook, describeFailure, type Look } from './run.ts';
import { fromSource } from './tcp.ts';

/** Bytes of a body that are looked at; a longer one is cut off there. */
const bodyMax = 16 * 1_024;

type TlsKey = 'ca' | 'cert' | 'key';

/** Sends one request on a connection of its own, and judges the answer as soon as enough of it is there. */
export function lookAtHttp(probe: HttpProbe, lookup: LookupFunction, files: Files): BeginLook {
  const isWanted = bodyTest(probe.body);
  return (look) => {
    let request: ClientRequest | undefined;
    const giveUp = readTlsFiles(probe, files, look, (pem) => {
      request = send({ ...requestOptions(probe), ...pem, lookup }, probe, look);
      request?.on('response', (response) => judgeResponse(response, probe, isWanted, look));
    });
    return () => {
      giveUp();
      request?.destroy();
    };
  };
}

function requestOptions({ url, method, headers, socket, source, tls }: HttpProbe): RequestOptions {
  const { hostname, port, pathname, search } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const serverName = tls?.serverName ?? host;
  return {
    host,
    ...(port === '' ? {} : { port }),
    path: pathname + search,
    method,
    headers: { 'User-Agent': 'vipkeeper', 'Accept-Encoding': 'identity', ...headers },
    // No connection outlives its run: one that was kept tells of the server as it was.
    agent: false,
    ...(socket === undefined ? fromSource(source) : { socketPath: socket }),
    // An address is no name to ask for, but still has to be in the certificate.
    servername: isIP(serverName) === 0 ? serverName : '',
    rejectUnauthorized: tls?.insecure !== true,
  };
}

function send(options: RequestOptions, { url }: HttpProbe, look: Look): ClientRequest | undefined {
  look.waitsFor('the connection');
  let request: ClientRequest;
  try {
    // Loaded when needed: agents without such a check do without their memory.
    const { request: start } = url.startsWith('https:')
      ? process.getBuiltinModule('node:https')
      : process.getBuiltinModule('node:http');
    request = start(options);
  } catch (error) {
    // OpenSSL refuses a certificate or key that was replaced by a damaged one.
    look.judge(false, `cannot be sent: ${error instanceof Error ? error.message : ''}`);
    return undefined;
  }
  request.on('error', (error) => look.judge(false, describeFailure(error)));
  request.on('finish', () => look.waitsFor('the answer'));
  let isAnswered = false;
  request.on('response', () => {
    isAnswered = true;
  });
  request.on('close', () => {
    if (!isAnswered) look.judge(false, 'closed by the server without an answer');
  });
  request.end();
  return request;
}

function judgeResponse(
  response: IncomingMessage,
  { status, body }: HttpProbe,
  isWanted: (text: string) => Found,
  look: Look,
): void {
  const code = response.statusCode ?? 0;
  const isRedirect = response.headers.location !== undefined;
  const words = `status ${code}${isRedirect ? ', a redirect, which is not followed' : ''}`;
  if (!status.some(([first, last]) => code >= first && code <= last)) {
    look.judge(false, words);
    return;
  }
  if (body === undefined) {
    look.judge(true, words);
    return;
  }
  look.waitsFor('the body');
  let text = '';
  const judgeBody = () => {
    const found = isWanted(text);
    const line = text.split(/[\r\n]/)[0] ?? '';
    if (found === true) look.judge(true, words);
    else if (found === false) look.judge(false, `${words}, but another body: ${line}`);
    else look.judge(false, `${words}, but bodyPattern takes too long on its body`);
  };
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text = (text + chunk).slice(0, bodyMax);
    // A pattern may be about the end, a text is there as soon as it is there.
    if (text.length >= bodyMax || ('text' in body && isWanted(text) === true)) judgeBody();
  });
  response.on('end', judgeBody);
  // Told by `close` as well, which comes without a word.
  response.on('error', () => undefined);
  response.on('close', () => look.judge(false, `${words}, but cut off in the middle of its body`));
}

/** The files of TLS as they are now: certificates are renewed while we run. */
function readTlsFiles(
  { tls }: HttpProbe,
  files: Files,
  look: Look,
  then: (pem: Partial<Record<TlsKey, string>>) => void,
): () => void {
  const named = (['ca', 'cert', 'key'] as const).flatMap((key) => {
    const path = tls?.[key];
    return path === undefined ? [] : [{ key, path }];
  });
  if (named.length > 0) look.waitsFor('its TLS files');
  const pem: Partial<Record<TlsKey, string>> = {};
  let left = named.length;
  let isGivenUp = false;
  const giveUps = named.map(({ key, path }) =>
    files.read(path, (error, text) => {
      pem[key] = text;
      left -= 1;
      if (isGivenUp) return;
      if (error !== null) look.judge(false, `${path} cannot be read: ${error.code}`);
      else if (left === 0) then(pem);
    }),
  );
  if (named.length === 0) then(pem);
  return () => {
    isGivenUp = true;
    for (const giveUp of giveUps) giveUp();
  };
}
