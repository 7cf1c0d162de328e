import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Place } from './place.ts';
import { filledTemplate } from './template.ts';

/**
 * Seconds that nginx waits here for a silent server: as if its minute went by faster, so that a test can outlive it. With a heartbeat
 * every second this is the same proportion as in production.
 */
export const READ_TIMEOUT_SECONDS = 3;

/** nginx with the shipped site, and around it a main configuration that needs no rights. */
export function nginxCommand(place: Place): Command {
  const inFolder = (name: string) => join(place.folder, name);
  const [accessLog, errorLog, main] = [inFolder('access.log'), inFolder('error.log'), inFolder('nginx.conf')];
  writeFileSync(inFolder('friday.conf'), site(place, accessLog, errorLog));
  writeFileSync(main, mainConfiguration(place.folder));
  return {
    args: ['-p', place.folder, '-c', main, '-e', errorLog],
    log: () => [errorLog, accessLog].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')).join(''),
  };
}

function site({ ports, upstream, certificate }: Place, accessLog: string, errorLog: string): string {
  return filledTemplate('nginx/friday.conf', {
    'server 127.0.0.1:8000;': `server ${upstream};`,
    'listen 80;': `listen 127.0.0.1:${ports.plain};`,
    'listen [::]:80;': '',
    'listen 443 ssl;': `listen 127.0.0.1:${ports.tls} ssl;`,
    'listen [::]:443 ssl;': '',
    '/etc/letsencrypt/live/friday.example/fullchain.pem': certificate.certificate,
    '/etc/letsencrypt/live/friday.example/privkey.pem': certificate.key,
    '/var/log/nginx/friday.log': accessLog,
    '/var/log/nginx/friday-error.log': errorLog,
  });
}

function mainConfiguration(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // Workers of a master with all rights would be nobody, who may not read the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  proxy_read_timeout ${READ_TIMEOUT_SECONDS}s;
  include ${folder}/friday.conf;
}
`;
}
