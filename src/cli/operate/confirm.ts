import { createInterface } from 'node:readline/promises';
import { exitCodes } from '../exit-codes.ts';
import { fail } from '../fleet/print.ts';

/** Asks whether what would happen is meant; false, and said, when it is not, or when there is nobody to ask. */
export async function isConfirmed(
  consequence: string,
  { yes = false }: { readonly yes?: boolean },
): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    fail([`vipkeeper: ${consequence}; nothing was changed. --yes does it`], exitCodes.refused);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${consequence}. Go on? [y/N] `);
  terminal.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  fail(['vipkeeper: nothing was changed'], exitCodes.refused);
  return false;
}
