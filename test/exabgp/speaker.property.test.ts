import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../src/exabgp/answers.ts';
import { createLineSplitter } from '../../src/exabgp/lines.ts';
import { type Bench, createBench, startedBench, summaryHeader, summaryRow } from './harness.ts';

const answers = fc.constantFrom(
  'done',
  'error',
  'error: why',
  'exabgp 4.2.21',
  summaryHeader,
  summaryRow('10.66.0.2'),
  'neighbor 10.66.0.2 up',
  'neighbor 10.66.0.2 down - why',
  '{',
  '',
  'garbage',
);

type Step = (bench: Bench, index: number) => unknown;

const steps: fc.Arbitrary<Step> = fc.oneof(
  answers.map(
    (line): Step =>
      (bench) =>
        bench.says(line),
  ),
  fc.nat(3000).map(
    (ms): Step =>
      (bench) =>
        bench.passes(ms),
  ),
  fc.constant<Step>((bench, index) => bench.announce(index)),
  fc.constant<Step>((bench, index) => bench.speaker.flush(index)),
);

describe('properties of the exabgp adapter', () => {
  it('reads the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (bytes, cuts) => {
        const whole = createLineSplitter(() => undefined).push(Buffer.from(bytes));
        const splitter = createLineSplitter(() => undefined);
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = ends.map((end, index) =>
          Buffer.from(bytes.subarray(index === 0 ? 0 : ends[index - 1], end)),
        );
        expect(pieces.flatMap((piece) => splitter.push(piece))).toEqual(whole);
      }),
    );
  });

  it('never throws on a line, whatever it is', () => {
    const lines = fc.oneof(fc.string(), fc.json(), answers);
    fc.assert(fc.property(lines, (line) => void parseAnswer(line)));
  });

  it('answers every command at most once, and silence takes turns, whatever ExaBGP says and when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 40 }), fc.boolean(), async (plan, isKnown) => {
        const bench = isKnown ? await startedBench() : createBench();
        bench.speaker.start();
        for (const [index, step] of plan.entries()) await step(bench, index);
        const events = bench.events();
        const answered = events.flatMap((event) =>
          event.kind === 'commandAnswered' ? [event.command] : [],
        );
        expect(new Set(answered).size).toBe(answered.length);
        const moods = events.map(({ kind }) => kind).filter((kind) => /Silent|Respons/.test(kind));
        const turns = moods.map((_mood, index) =>
          index % 2 ? 'speakerResponsive' : 'speakerSilent',
        );
        expect(moods).toEqual(turns);
      }),
      { numRuns: 300 },
    );
  });
});
