import { expect, test } from 'vitest';
import { type Complaint, createComplaints } from '../../src/zookeeper/complaints.ts';

function setUp() {
  const notes: string[] = [];
  const complaints = createComplaints((level, place, detail) =>
    notes.push(`${level} ${place} ${detail}`),
  );
  const odd = (place: string): Complaint => ({ level: 'warn', place, detail: 'odd' });
  return { notes, complaints, odd };
}

test('says each thing once while it stands', () => {
  const { notes, complaints, odd } = setUp();
  complaints.standing('/p', [odd('/p/a')]);
  complaints.standing('/p', [odd('/p/a'), odd('/p/b')]);
  complaints.standing('/p', [odd('/p/b'), odd('/p/a')]);
  expect(notes).toEqual(['warn /p/a odd', 'warn /p/b odd']);
});

test('says a thing again that was mended and came back, however long ago', () => {
  const { notes, complaints, odd } = setUp();
  complaints.standing('/p', [odd('/p')]);
  complaints.standing('/p', []);
  complaints.standing('/p', [odd('/p')]);
  expect(notes).toEqual(['warn /p odd', 'warn /p odd']);
});

test('keeps topics apart', () => {
  const { notes, complaints, odd } = setUp();
  complaints.standing('/p', [odd('/p')]);
  complaints.standing('/q', []);
  complaints.standing('/p', [odd('/p')]);
  expect(notes).toHaveLength(1);
});

test('stops at a hundred, says so, and goes on when there are fewer again', () => {
  const { notes, complaints, odd } = setUp();
  const many = Array.from({ length: 150 }, (_, index) => odd(`/p/${index}`));
  complaints.standing('/p', many);
  complaints.standing('/q', [odd('/q')]);
  expect(notes).toHaveLength(101);
  expect(notes.at(-1)).toBe('warn /p/100 and more is wrong: 100 things were told');
  // ZooKeeper lists children in any order.
  complaints.standing('/p', many.toReversed());
  expect(notes).toHaveLength(101);
  complaints.standing('/p', many.slice(0, 10));
  complaints.standing('/q', [odd('/q')]);
  expect(notes.at(-1)).toBe('warn /q odd');
});
