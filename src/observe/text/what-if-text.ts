import { announcersText } from './announcers.ts';
import type { Style } from './style.ts';
import { type Cell, tableLines } from './table.ts';

/** What would become of a service, as far as its text needs it. */
interface WhatIfText {
  readonly service: string;
  readonly vips: readonly {
    readonly vip: string;
    readonly now: readonly CarrierText[];
    readonly then: readonly CarrierText[];
    readonly isChanged: boolean;
    readonly isLost: boolean;
  }[];
  readonly assumptions: readonly string[];
}

interface CarrierText {
  readonly member: string;
  readonly role: string;
}

/** The difference between now and then; what would be lost comes first. */
export function whatIfLines(
  { service, vips, assumptions }: WhatIfText,
  style: Style,
): readonly string[] {
  const lost = vips.filter(({ isLost }) => isLost);
  const changed = vips.filter(({ isChanged }) => isChanged);
  const rows = changed.map(({ vip, now, then, isLost }): readonly Cell[] => [
    vip,
    announcersText(now),
    { text: announcersText(then), paint: isLost ? style.bad : style.good },
  ]);
  const same = vips.length - changed.length;
  return [
    style.bold(`${service}: ${changed.length} of ${vips.length} VIPs would change`),
    ...lost.map(({ vip }) => `${style.bad('!!')} ${vip} would be announced by nobody`),
    ...(rows.length === 0 ? [] : ['', ...tableLines(['VIP', 'NOW', 'THEN'], rows, style.faint)]),
    ...(same > 0 && rows.length > 0 ? [`no change: ${same} ${same === 1 ? 'VIP' : 'VIPs'}`] : []),
    '',
    'This assumes:',
    ...assumptions.map((assumption) => `- ${assumption}`),
  ];
}
