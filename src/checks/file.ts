import type { Probe } from '../core/probe.ts';
import type { Files } from './files.ts';
import type { BeginLook } from './run.ts';

type FileProbe = Extract<Probe, { kind: 'file' }>;

/** Looks whether a file is there. A link counts as what it leads to. */
export function lookAtFile({ path, mustExist }: FileProbe, files: Files): BeginLook {
  return (look) => {
    look.waitsFor(`a look at ${path}`);
    return files.exists(path, (error, exists) => {
      if (exists === undefined) look.judge(false, `${path} cannot be looked at: ${error?.code}`);
      else look.judge(exists === mustExist, `${path} ${exists ? 'exists' : 'is absent'}`);
    });
  };
}
