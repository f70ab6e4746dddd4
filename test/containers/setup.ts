import type { TestProject } from 'vitest/node';
import { type Engine, openEngine } from './engine.ts';
import { buildImages } from './images.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no container can be run here; empty when they can. */
    readonly noContainers: string;
  }
}

let engine: Engine | undefined;

/** Once for all files of containers: an engine, and the images of this tree. */
export async function setup(project: TestProject): Promise<void> {
  engine = await openEngine();
  project.provide('noContainers', engine.kind === 'none' ? engine.why : '');
  if (engine.kind === 'none') return;
  try {
    await buildImages();
  } catch (error) {
    // Only what was set up is torn down by Vitest.
    await teardown();
    throw error;
  }
}

export async function teardown(): Promise<void> {
  if (engine?.kind === 'running') await engine.stop();
}
