import { expect, test } from 'vitest';
import { changeNote, draftNote, type Note } from './note.ts';

const draft = draftNote('user', { content: ' a ', attachments: [{ type: 'link', url: '' }] }, 1_000);
const note: Note = { id: 7, ...draft };

test('a draft is pending, at version 1, never changed, and its content is left as it is', () => {
  expect(draft).toEqual({
    userId: 'user',
    content: ' a ',
    attachments: [{ type: 'link', url: '' }],
    processingStatus: 'pending',
    enrichmentData: null,
    processedAt: null,
    createdAt: 1_000,
    updatedAt: null,
    version: 1,
  });
});

test('a change raises the version and the time, and names what differs', () => {
  const { note: next, changed } = changeNote(note, { content: 'b', attachments: [{ url: '', type: 'link' }] }, 2_000);
  expect(changed).toEqual(['content']);
  expect(next).toEqual({ ...note, content: 'b', updatedAt: 2_000, version: 2 });
});

test('a change to the same values is none', () => {
  expect(changeNote(note, { content: ' a ', processingStatus: 'pending' }, 2_000)).toEqual({ note, changed: [] });
  expect(changeNote(note, {}, 2_000)).toEqual({ note, changed: [] });
});

test('the rules hold for drafts and changes alike', () => {
  expect(() => draftNote('user', { content: '\t', attachments: [] }, 0)).toThrow('Note content cannot be empty');
  expect(() => changeNote(note, { content: '\t' }, 0)).toThrow('Note content cannot be empty');
  const second = [
    { type: 'image', url: 'x' },
    { type: 'film', url: 'x' },
  ];
  expect(() => changeNote(note, { attachments: second }, 0)).toThrow('Attachment 1: type must be image, document or link');
  const inherited = [Object.create({ type: 'link', url: 'x' })];
  expect(() => changeNote(note, { attachments: inherited }, 0)).toThrow('Attachment 0: type and url are needed');
});
