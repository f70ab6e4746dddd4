import { readPrivateFile } from '../../host/private-file.ts';

export type FoundToken =
  | { readonly kind: 'found'; readonly token: string }
  | { readonly kind: 'wrong'; readonly why: string };

const lengthMin = 16;
const lengthMax = 512;

/** Reads the token of the page from a file that nobody else can read. */
export function readToken(path: string): FoundToken {
  const content = readPrivateFile(path);
  if (content.kind === 'absent') return wrong(path, 'there is no such file');
  if (content.kind === 'unusable') return wrong(path, content.why);
  const token = content.text.trim();
  if (token.length < lengthMin || token.length > lengthMax || !/^[!-~]+$/.test(token))
    return wrong(
      path,
      `expected one line of ${lengthMin} to ${lengthMax} printable ASCII characters without spaces`,
    );
  return { kind: 'found', token };
}

/** What it is, and how a right one is made; never what the file holds. */
function wrong(path: string, why: string): FoundToken {
  const fix = `make one by: (umask 077; openssl rand -hex 24 > ${path})`;
  return { kind: 'wrong', why: `--token-file ${path}: ${why}; ${fix}` };
}
