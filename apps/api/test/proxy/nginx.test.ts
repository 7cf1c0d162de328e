/** The end-to-end tests through nginx. */
import { endToEndThrough } from './support/end-to-end.ts';

endToEndThrough('nginx');
