/** How text is set off on a terminal; each takes and gives text. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
  readonly faint: (text: string) => string;
}

const asItIs = (text: string) => text;

/** For everything that is no terminal. */
export const plain: Style = {
  bold: asItIs,
  bad: asItIs,
  warn: asItIs,
  good: asItIs,
  faint: asItIs,
};

/** With the codes of ECMA-48; nothing is said by colour alone. */
export const colored: Style = {
  bold: (text) => `\u001b[1m${text}\u001b[0m`,
  bad: (text) => `\u001b[1;31m${text}\u001b[0m`,
  warn: (text) => `\u001b[33m${text}\u001b[0m`,
  good: (text) => `\u001b[32m${text}\u001b[0m`,
  faint: (text) => `\u001b[2m${text}\u001b[0m`,
};
