import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDirectory, startDaemon } from './namespaces.ts';
import type { Run } from './run.ts';

/** Starts a node's web service: a page that tells the node's name, and the health check's URL. */
export function startNginx(run: Run, node: string): void {
  const directory = nodeDirectory(run, node);
  mkdirSync(join(directory, 'nginx'), { recursive: true });
  writeFileSync(join(directory, 'nginx.conf'), nginxConfig(node, directory));
  // The compiled-in error log lies outside our directory and is opened before the config is read.
  const command = ['nginx', '-e', 'stderr', '-p', directory, '-c', 'nginx.conf'] as const;
  startDaemon({ run, node, name: 'nginx', command: [...command] });
}

function nginxConfig(node: string, directory: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${join(directory, 'nginx', kind)};`)
    .join('\n');
  return `daemon off;
master_process off;
worker_processes 1;
pid ${join(directory, 'nginx', 'pid')};
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  default_type text/plain;
${temporary}
  server {
    listen 80;
    listen [::]:80;
    location = /healthcheck { return 200 "ok\\n"; }
    location / { return 200 "${node}\\n"; }
  }
}
`;
}
