import { describe, expect, it } from 'vitest';
import { applyMessage, emptyModel, type Model } from '../../../src/dashboard/page/model.ts';
import {
  type FleetView,
  type Problem,
  type ProblemKind,
  problemSeverities,
} from '../../../src/observe/fleet-view.ts';
import { messageOf } from '../../helpers/fleet-messages.ts';
import { failOver, generateFleet, generateService } from '../../helpers/generated-fleet.ts';

const at = '2026-11-21T18:30:00.000Z';
const shape = { members: 3, vips: 4 };
const calm = generateFleet(shape, { service: 'web', members: 2, vips: 2 });
const failed: FleetView = {
  ...calm,
  services: calm.services.map((service) =>
    service.service === 'apex' ? failOver(service, 'lb1', at) : service,
  ),
};

function modelOf(view: FleetView): Model {
  return applyMessage(emptyModel, messageOf(view));
}

describe('applyMessage', () => {
  it('leads to the same model by changes as by everything at once', () => {
    const views: readonly FleetView[] = [
      calm,
      failed,
      { ...failed, services: failed.services.slice(1) },
      generateFleet({ members: 2, vips: 1 }),
      calm,
    ];
    let model = emptyModel;
    let before: FleetView | undefined;
    for (const view of views) {
      model = applyMessage(model, messageOf(view, before));
      before = view;
      expect(model).toEqual(modelOf(view));
    }
  });

  it('leaves alone what did not change', () => {
    const before = modelOf(calm);
    const after = applyMessage(before, messageOf(failed, calm));
    expect(after.services.get('web')).toBe(before.services.get('web'));
    const [apex, earlier] = [after.services.get('apex'), before.services.get('apex')];
    expect(apex?.vips.get('10.20.255.2/32')).toBe(earlier?.vips.get('10.20.255.2/32'));
    expect(apex?.vips.get('10.20.255.1/32')).not.toBe(earlier?.vips.get('10.20.255.1/32'));
    expect(apex?.order).toBe(earlier?.order);
    expect(earlier?.vips.get('10.20.255.1/32')?.row).toBe('O..');
  });

  it('sorts problems by how bad they are, then by subject', () => {
    const problem = (kind: ProblemKind, subject: string) =>
      ({ kind, severity: problemSeverities[kind], subject, sentence: '' }) as const;
    const service = generateService(shape);
    const sick = (...problems: readonly Problem[]) => ({
      ...generateFleet(),
      services: [{ ...service, problems }],
    });
    const before = sick(problem('conflict', '10.0.0.10/32'), problem('blind', 'lb1'));
    const after = sick(
      problem('nobody', '10.0.0.3/32'),
      problem('conflict', '10.0.0.9/32'),
      problem('conflict', '10.0.0.10/32'),
    );
    const model = applyMessage(modelOf(before), messageOf(after, before));
    expect(model.services.get('apex')?.problems.map(({ key }) => key)).toEqual([
      'nobody 10.0.0.3/32',
      'conflict 10.0.0.9/32',
      'conflict 10.0.0.10/32',
    ]);
  });

  it('is the same model after a message without changes', () => {
    const model = modelOf(calm);
    expect(applyMessage(model, messageOf(calm, calm))).toBe(model);
  });

  it('sorts moves by time', () => {
    const later = failOver(generateService(shape), 'lb1', '2026-11-21T19:00:00.000Z');
    const model = applyMessage(modelOf(failed), {
      ...messageOf(failed),
      ...messageOf(
        { ...failed, services: [{ ...later, moves: [...later.moves].reverse() }] },
        failed,
      ),
    });
    const times = model.moves.map((move) => move.at);
    expect(times).toEqual([...times].sort());
  });
});
