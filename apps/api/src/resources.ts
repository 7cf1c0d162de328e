/** The kinds of resources that Friday keeps. A new one is its own files, and one line here. */
import { activities } from './resources/activities.ts';
import { notes } from './resources/notes.ts';
import type { Resource } from './resources/resource.ts';
import { tasks } from './resources/tasks.ts';

export const RESOURCES: readonly Resource[] = [notes, tasks, activities];
