/** The end-to-end tests through caddy. */
import { endToEndThrough } from './support/end-to-end.ts';

endToEndThrough('caddy');
