import * as z from 'zod/mini';
import { checkKinds } from './checks.ts';
import { formatDuration } from './duration.ts';
import { scalarForms } from './scalar.ts';
import { fileSchema } from './schema.ts';
import type { Form } from './values.ts';

/** A part of a JSON Schema. */
export interface JsonSchema {
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  anyOf?: JsonSchema[];
  required?: string[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  minItems?: number;
}

/**
 * The configuration file as a JSON Schema (draft 7), by which editors complete keys, show their meaning, and mark
 * mistakes while a file is written. It takes everything that `vipkeeper check` takes, and less of it finds fault: what
 * keys say against each other, VIPs and files are judged by `check` alone.
 * @param guides docs/configuration.md and docs/checks.md, whose tables tell what each key means.
 */
export function configJsonSchema(guides: readonly string[]): JsonSchema {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const part = jsonSchema as JsonSchema;
      const scalar = scalarForms.get(zodSchema);
      if (scalar !== undefined)
        Object.assign(part, fragmentOf(scalar.form), { title: scalar.expected });
      const { type, innerType, defaultValue } = zodSchema._zod.def as Definition;
      if (type === 'default') part.default = defaultOf(innerType, defaultValue);
      // What is filled in where nothing stands is told by the keys within.
      if (type === 'prefault') delete part.default;
    },
  }) as JsonSchema;
  const zookeeper = schema.properties?.['zookeeper'];
  if (zookeeper?.properties === undefined) throw new Error('the schema has no zookeeper');
  zookeeper.properties['hosts'] = hosts;
  zookeeper.required = ['hosts'];
  describe(schema, [], meaningsIn(guides));
  return { title: 'vipkeeper configuration', ...schema };
}

interface Definition {
  readonly type: string;
  readonly innerType?: object;
  readonly defaultValue?: unknown;
}

/** Read outside of the schema, as one text or a list. */
const hosts: JsonSchema = {
  anyOf: [
    {
      type: 'array',
      items: { type: 'string', title: 'host, host:port or [IPv6 address]:port' },
      minItems: 1,
    },
    { type: 'string', title: 'a connect string as zk1:2181,zk2:2181/chroot' },
  ],
};

/** In any scalar a reference may stand instead of the value, or within it. */
const reference: JsonSchema = { type: 'string', pattern: '\\$\\{' };

function fragmentOf(form: Form | undefined): JsonSchema {
  // What is no text to YAML is one to us: a password of digits, a member called 7.
  if (form === undefined) return { type: ['string', 'number', 'boolean'] };
  return { anyOf: [...alternativesOf(form), reference] };
}

function alternativesOf(form: Form): JsonSchema[] {
  switch (form.kind) {
    case 'words':
      return [{ enum: form.words.flatMap(asInYaml) }];
    case 'integer':
      return [
        { type: 'integer', minimum: form.least, maximum: form.most },
        { type: 'string', pattern: '^-?\\d{1,15}$' },
      ];
    case 'duration':
      return [
        { type: 'string', pattern: '^(0|(?=\\d)(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?)$' },
        { enum: [0] },
      ];
    case 'pattern':
      return [{ type: 'string', pattern: form.pattern }];
    case 'either':
      return form.forms.flatMap(alternativesOf);
  }
}

/** A word in quotes, and what YAML makes of it without. */
function asInYaml(word: string): unknown[] {
  if (word === 'true' || word === 'false') return [word === 'true', word];
  return /^\d+(\.\d+)?$/.test(word) ? [Number(word), word] : [word];
}

function defaultOf(schema: object | undefined, value: unknown): unknown {
  const form = schema === undefined ? undefined : scalarForms.get(schema)?.form;
  return isDuration(form) && typeof value === 'number' ? formatDuration(value) : value;
}

function isDuration(form: Form | undefined): boolean {
  if (form?.kind === 'either') return form.forms.some(isDuration);
  return form?.kind === 'duration';
}

function describe(
  schema: JsonSchema,
  path: readonly string[],
  meanings: ReadonlyMap<string, string>,
): void {
  const meaning = meaningOf(path, meanings);
  if (meaning !== undefined) schema.description = meaning;
  for (const [key, value] of Object.entries(schema.properties ?? {}))
    describe(value, [...path, key], meanings);
  for (const part of schema.anyOf ?? []) describeWithin(part, path, meanings);
  if (typeof schema.additionalProperties === 'object')
    describe(schema.additionalProperties, [...path, '*'], meanings);
  if (schema.items !== undefined) describe(schema.items, [...path, '[]'], meanings);
}

/** One of several forms: the meaning stands above it already. */
function describeWithin(
  part: JsonSchema,
  path: readonly string[],
  meanings: ReadonlyMap<string, string>,
): void {
  for (const [key, value] of Object.entries(part.properties ?? {}))
    describe(value, [...path, key], meanings);
}

/** The tables name keys in full, without their section, or within a service; attributes alone by their last name. */
function meaningOf(
  path: readonly string[],
  meanings: ReadonlyMap<string, string>,
): string | undefined {
  const last = path.at(-1) ?? '';
  const inService = path[0] === 'services' && path[1] === '*' ? path.slice(2) : undefined;
  if (inService === undefined)
    return meanings.get(path.join('.')) ?? meanings.get(path.slice(1).join('.'));
  if (inService[0] === 'checks')
    return meanings.get(inService.slice(2).join('.')) ?? meanings.get(last);
  const isAttribute = ['announce', 'drain'].includes(inService[0] ?? '') && inService.length > 1;
  return meanings.get(inService.join('.')) ?? (isAttribute ? meanings.get(last) : undefined);
}

/**
 * By key what the tables say of it, without markup. A section of docs/checks.md is named by its kind of check, which
 * goes before its keys; `.key` belongs to the section of the key before it.
 */
function meaningsIn(guides: readonly string[]): ReadonlyMap<string, string> {
  const sections = guides.flatMap((guide) => guide.split(/^(?=##+ )/m));
  return new Map(
    sections.flatMap((section) => {
      const kind = /^## (\w+)\n/.exec(section)?.[1] ?? '';
      const prefix = checkKinds.includes(kind) ? `${kind}.` : '';
      return section.split(/\n\n+/).flatMap((table) => rowsOf(table, prefix));
    }),
  );
}

function rowsOf(table: string, prefix: string): readonly (readonly [string, string])[] {
  const [head = [], , ...rows] = table.split('\n').map(cellsOf);
  switch (head[0]?.toLowerCase()) {
    case 'key':
      return rows.flatMap((cells) =>
        codesIn(cells[0]).map((key) => [prefix + key, plain(cells.at(-1) ?? '')] as const),
      );
    case 'role':
      return rows.map((cells) => [`announce.${codesIn(cells[0])[0]}`, plain(cells[1] ?? '')]);
    default:
      return [];
  }
}

function codesIn(cell = ''): readonly string[] {
  const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const section = (names[0] ?? '').replace(/\.[^.]*$/, '');
  return names.map((name) => (name.startsWith('.') ? section + name : name));
}

function cellsOf(row: string): readonly string[] {
  return row.startsWith('|')
    ? row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
    : [];
}

function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('**', '')
    .replace(/,? see below\b/g, '');
}
