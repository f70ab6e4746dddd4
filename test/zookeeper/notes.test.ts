import { expect, test } from 'vitest';
import { createNoteOnce } from '../../src/zookeeper/notes.ts';

function setUp() {
  const notes: string[] = [];
  const noteOnce = createNoteOnce((level, place, detail) =>
    notes.push(`${level} ${place} ${detail}`),
  );
  return { notes, noteOnce };
}

test('says each thing once per place, and again under another key', () => {
  const { notes, noteOnce } = setUp();
  noteOnce('warn', '/a', 'odd');
  noteOnce('warn', '/a', 'odd');
  noteOnce('warn', '/b', 'odd');
  noteOnce('warn', '/a', 'odd', 'zxid 2');
  expect(notes).toEqual(['warn /a odd', 'warn /b odd', 'warn /a odd']);
});

test('keeps a bounded number of things in mind', () => {
  const { notes, noteOnce } = setUp();
  for (let index = 0; index <= 1_000; index += 1) noteOnce('warn', `/${index}`, 'odd');
  noteOnce('warn', '/0', 'odd');
  expect(notes).toHaveLength(1_002);
});
