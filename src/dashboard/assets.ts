import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** The page's own files, as the build made them. */
export interface PageFiles {
  readonly script: string;
  /** What its tabs share. */
  readonly relay: string;
  readonly style: string;
}

/** One file of the page, ready to be sent. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: Buffer;
  /** Of the content: a page of an earlier build never stays in a cache. */
  readonly etag: string;
}

/**
 * Everything the page consists of, by path. Nothing of it comes from anywhere else.
 * @param canAct whether the page is to offer actions.
 */
export function createAssets(
  { script, relay, style }: PageFiles,
  canAct: boolean,
): ReadonlyMap<string, Asset> {
  const shared = asset('text/javascript; charset=utf-8', relay);
  const marks = `${canAct ? 'data-act ' : ''}data-relay=${shared.etag} `;
  const html = document.replace('<html ', `<html ${marks}`);
  return new Map([
    ['/', asset('text/html; charset=utf-8', html)],
    ['/page.js', asset('text/javascript; charset=utf-8', script)],
    ['/relay.js', shared],
    ['/page.css', asset('text/css; charset=utf-8', style)],
    ['/icon.svg', asset('image/svg+xml', icon)],
  ]);
}

function asset(type: string, text: string): Asset {
  const body = Buffer.from(text);
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  return { type, body, zipped: gzipSync(body, { level: 9 }), etag };
}

/** The first paint has the page's frame and says what is waited for. */
const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>vipkeeper</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<noscript>This page needs JavaScript. The same is shown by: vipkeeper status</noscript>
<div id="page"><main><p class="waiting">Asking the server&hellip;</p></main></div>
</body>
</html>
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f5f8b"/><path d="M3.5 4l4.5 8.5L12.5 4" fill="none" stroke="#fff" stroke-width="2"/></svg>
`;
