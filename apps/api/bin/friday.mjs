#!/usr/bin/env -S node --conditions=source
/** The `friday` command, on the Node that `npm ci` brought: the launcher finds it where the machine's own runs this file. */
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)));
await import('../../../scripts/launch.mjs');
