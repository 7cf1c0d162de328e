import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Place } from './place.ts';
import { filledTemplate } from './template.ts';

/** Caddy with the shipped configuration, at other ports and with a certificate that is given. It logs to its standard error. */
export function caddyCommand({ folder, ports, upstream, certificate }: Place): Command {
  const path = join(folder, 'Caddyfile');
  const options = ['admin off', `http_port ${ports.plain}`, `https_port ${ports.tls}`, 'default_bind 127.0.0.1'];
  const tls = `tls ${certificate.certificate} ${certificate.key}`;
  const text = filledTemplate('caddy/Caddyfile', {
    '\tlog default {': `\t${options.join('\n\t')}\n\tlog default {`,
    'friday.example {': `localhost {\n\t${tls}`,
    '127.0.0.1:8000': upstream,
  });
  writeFileSync(path, text);
  return { args: ['run', '--config', path, '--adapter', 'caddyfile'], log: () => '' };
}
