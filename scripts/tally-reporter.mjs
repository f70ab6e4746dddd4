// A vitest reporter that writes what a run came to into the file named by VIPKEEPER_TALLY. Vitest's own JSON report has
// neither the reason of a skipped test nor errors outside of any test, and both belong into our summary.

import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

export default class TallyReporter {
  onTestRunEnd(modules, unhandledErrors, reason) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.flatMap((suite) =>
      suite.errors().map((error) => ({ name: nameOf(suite), message: error.message })),
    );
    const unhandled = unhandledErrors.map((error) => ({
      name: 'outside of any test',
      message: error.message,
    }));
    const inState = (state) => tests.filter((test) => test.result().state === state);
    const tally = {
      isComplete: reason !== 'interrupted',
      passed: inState('passed').length,
      failed: inState('failed').map((test) => ({
        name: nameOf(test),
        message: test.result().errors?.[0]?.message ?? '',
      })),
      // Failures that no test stands for: a file that cannot be loaded, a hook that throws, a lost promise.
      broken: [...broken, ...unhandled],
      skipped: inState('skipped').map((test) => ({ name: nameOf(test), reason: reasonOf(test) })),
      unfinished: inState('pending').map(nameOf),
    };
    writeFileSync(process.env.VIPKEEPER_TALLY, JSON.stringify(tally));
  }
}

/** The note of `skip('why')`; a test whose suite broke is skipped too, and that is reported as broken already. */
function reasonOf(test) {
  const { note } = test.result();
  if (note !== undefined) return note;
  for (let suite = test.parent; suite !== undefined; suite = suite.parent) {
    if (suite.errors().length > 0) return 'its suite failed';
  }
  return undefined;
}

function nameOf(entity) {
  const file = relative(process.cwd(), (entity.module ?? entity).moduleId);
  return entity.fullName === undefined ? file : `${file} > ${entity.fullName}`;
}
