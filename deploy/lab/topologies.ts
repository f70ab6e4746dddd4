import { ecmp } from './ecmp/story.ts';
import { leafSpine } from './leaf-spine/story.ts';
import { routeServers } from './route-servers/story.ts';
import type { Topology } from './scenes.ts';
import { twoSites } from './two-sites/story.ts';

/** The networks of the seeds, each with the story of its problem. */
export const topologies: readonly Topology[] = [leafSpine, routeServers, ecmp, twoSites];
