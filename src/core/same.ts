/** `after`, or `before` where that says the same, so that identity tells of changes. */
export function unlessSame<Value>(before: Value, after: Value): Value {
  return saysSame(before, after) ? before : after;
}

/** Whether two values hold the same: plain data, lists, sets of plain values, and maps of any of these. */
function saysSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return false;
  if (one instanceof Set)
    return other instanceof Set && one.size === other.size && [...one].every((it) => other.has(it));
  if (one instanceof Map)
    return (
      other instanceof Map &&
      one.size === other.size &&
      [...one].every(([key, value]) => other.has(key) && saysSame(value, other.get(key)))
    );
  const [left, right] = [new Map(Object.entries(one)), new Map(Object.entries(other))];
  return saysSame(left, right);
}
