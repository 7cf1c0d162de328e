import type { Resource } from './resources/resource.ts';
import * as kinds from './resources.ts';

/** Every kind of resource in `resources.ts`, in the order of their names. */
export const RESOURCES: readonly Resource[] = Object.values(kinds);
