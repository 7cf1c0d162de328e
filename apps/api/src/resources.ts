/** The kinds of resources that Friday keeps. A new one is its own files, and one line here. */
export { activities } from './resources/activities.ts';
export { notes } from './resources/notes.ts';
export { tasks } from './resources/tasks.ts';
