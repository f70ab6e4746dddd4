import { it } from 'vitest';
import { faults } from '../../deploy/lab/faults/catalogue.ts';
import { tellStory } from '../../deploy/lab/story.ts';
import { describeLab } from './suite.ts';

describeLab('three LBs behind a leaf-spine', faults, (stage, expectHeld) => {
  it('lives through kill, takeover, return and maintenance', async () => {
    const steps = await tellStory(stage(), () => undefined);
    const misses = steps.flatMap(({ title, checks }) =>
      checks.filter(({ isHeld }) => !isHeld).map(({ what }) => `${title}: ${what}`),
    );
    expectHeld(misses.length === 0, misses.join('\n'));
  });
});
