const fewMax = 4;

/** The first ones by name, and how many there are besides. */
export function few(names: readonly string[]): string {
  const shown = names.slice(0, fewMax).join(', ');
  return names.length > fewMax ? `${shown} and ${names.length - fewMax} more` : shown;
}
