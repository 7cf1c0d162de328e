/** All deliberate bugs, each of which the simulation must find. */
import { CONNECTIONS_MUTANTS } from './mutants/connections.ts';
import { DELIVERY_MUTANTS } from './mutants/delivery.ts';
import { LOG_MUTANTS } from './mutants/log.ts';
import type { Mutant } from './mutants/mutant.ts';

export const MUTANTS: readonly Mutant[] = [...LOG_MUTANTS, ...DELIVERY_MUTANTS, ...CONNECTIONS_MUTANTS];
