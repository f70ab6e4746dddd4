import { ecmp } from './ecmp/story.ts';
import { routeServers } from './route-servers/story.ts';
import type { Topology } from './scenes.ts';
import { twoSites } from './two-sites/story.ts';

/** The networks that can be built beside the leaf-spine of the faults. */
export const topologies: readonly Topology[] = [routeServers, ecmp, twoSites];
