/** `after`, or `before` where that says the same, so that identity tells of changes. */
export function unlessSame<Value>(before: Value, after: Value): Value {
  return saysSame(before, after) ? before : after;
}

/** Whether two values hold the same: plain data, lists, sets of plain values, and maps of any of these. */
function saysSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false;
  if (one instanceof Set) return other instanceof Set && hasSameKeys(one, other);
  if (one instanceof Map)
    return (
      other instanceof Map &&
      hasSameKeys(one, other) &&
      [...one].every(([key, value]) => saysSame(value, other.get(key)))
    );
  const [left, right] = [one as Plain, other as Plain];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => key in right && saysSame(left[key], right[key]))
  );
}

type Plain = Readonly<Record<string, unknown>>;

function hasSameKeys(one: Keyed, other: Keyed): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key));
}

type Keyed = ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>;
