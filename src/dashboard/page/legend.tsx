import { type CellRole, cellWords } from '../letters.ts';
import { signOf } from './row.tsx';

/** What the signs in the matrix mean. */
export function Legend() {
  const roles = Object.keys(cellWords) as CellRole[];
  return (
    <details class="legend">
      <summary>Signs</summary>
      <dl>
        {roles.map((role) => (
          <div key={role}>
            <dt>
              <span class={`chip ${role}`}>{signOf(role) || 'blank'}</span>
            </dt>
            <dd>{cellWords[role].meaning}</dd>
          </div>
        ))}
        <div>
          <dt>
            <span class="chip none owned">{'\u00b7'}</span>
          </dt>
          <dd>underlined: this member owns the VIP</dd>
        </div>
      </dl>
      <p>
        Keys in a matrix: arrows, Home, End, Page Up and Page Down walk; Enter shows why; Escape
        closes.
      </p>
    </details>
  );
}
