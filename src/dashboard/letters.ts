/**
 * What a member does with a VIP, as one letter: told in rows, and shown where a column is too narrow for a word. Nothing
 * depends on colour alone.
 */
export const letters = {
  owner: 'O',
  backup: 'B',
  standby: 'S',
  drain: 'D',
  disabled: 'X',
  down: 'L',
  /** By ExaZK, which says no more than its claim. */
  exazk: 'E',
  /** It says that it serves the VIP, and nothing else is known. */
  announced: 'A',
  none: '.',
  hold: 'H',
  refused: '!',
  /** Its configuration does not have the VIP. */
  absent: '-',
  /** It is there, but says nothing about the VIP. */
  unknown: '?',
  /** The member is gone, and its session with it. Not in rows: there it goes on with what it did last. */
  gone: ' ',
} as const;

export type CellRole = keyof typeof letters;

interface CellWords {
  /** For a cell wide enough. */
  readonly word: string;
  /** For the legend. */
  readonly meaning: string;
}

/** Every role in words, in the order of the legend. */
export const cellWords: Readonly<Record<CellRole, CellWords>> = {
  owner: { word: 'owner', meaning: 'announces it as its owner' },
  backup: { word: 'backup', meaning: 'announces it in place of its owner' },
  standby: { word: 'standby', meaning: 'announces it less preferred than who carries it' },
  drain: { word: 'leaving', meaning: 'still announces it, and is leaving' },
  disabled: { word: 'drained', meaning: 'drained, announces it with the attributes for that' },
  down: { word: 'down', meaning: 'its health is down, announces it less preferred' },
  exazk: { word: 'ExaZK', meaning: 'claimed by a member of ExaZK' },
  announced: { word: 'serves', meaning: 'says that it announces it, nothing else is known' },
  none: { word: '\u00b7', meaning: 'does not announce it' },
  hold: { word: 'held', meaning: 'left as it is until more is known' },
  refused: { word: 'refused', meaning: 'ExaBGP refused the route' },
  absent: { word: '', meaning: 'not configured there' },
  unknown: { word: '?', meaning: 'not known' },
  gone: { word: '\u2013', meaning: 'the member is gone' },
};

const roles = new Map<string, CellRole>(
  Object.entries(letters).map(([role, letter]) => [letter, role as CellRole]),
);

/** What a letter stands for; `unknown` for one that nobody knows. */
export function roleOfLetter(letter: string | undefined): CellRole {
  return roles.get(letter ?? '') ?? 'unknown';
}

const carrying: ReadonlySet<CellRole> = new Set([
  'owner',
  'backup',
  'drain',
  'down',
  'exazk',
  'announced',
]);

/** Whether traffic is meant to come there, as opposed to a route in reserve or none. */
export function isCarrying(role: CellRole): boolean {
  return carrying.has(role);
}
