import type { TestProject } from 'vitest/node';
import { type ComposeName, composeNames, missingComposes } from './compose.ts';
import { type Engine, openEngine } from './engine.ts';
import { buildImages } from './images.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no container can be run here; empty when they can. */
    readonly noContainers: string;
    /** The same for the compose file, by each of the programs that run it. */
    readonly noCompose: Readonly<Record<ComposeName, string>>;
  }
}

let engine: Engine | undefined;

/** Once for all files of containers: an engine, and the images of this tree. */
export async function setup(project: TestProject): Promise<void> {
  engine = await openEngine();
  const why = engine.kind === 'none' ? engine.why : '';
  project.provide('noContainers', why);
  if (why !== '') {
    project.provide('noCompose', { 'compose v2': why, 'docker-compose 1.29': why });
    return;
  }
  const missing = await missingComposes();
  project.provide('noCompose', missing);
  try {
    await buildImages(composeNames.find((name) => missing[name] === '') ?? 'compose v2');
  } catch (error) {
    // Only what was set up is torn down by Vitest.
    await teardown();
    throw error;
  }
}

export async function teardown(): Promise<void> {
  if (engine?.kind === 'running') await engine.stop();
}
