import type { Filters } from './filters.ts';

interface FilterBarProps {
  readonly filters: Filters;
  readonly services: readonly string[];
  /** How many of them are shown. */
  readonly drawn: number;
  readonly onChange: (filters: Filters) => void;
}

/** Narrows down what is shown; the URL keeps it. */
export function FilterBar({ filters, services, drawn, onChange }: FilterBarProps) {
  return (
    <search class="filters">
      <label>
        Service
        <select
          value={filters.service}
          onChange={({ currentTarget }) => onChange({ ...filters, service: currentTarget.value })}
        >
          <option value="">all</option>
          {/* A bookmark may name a service that is not there, or not yet. */}
          {[...new Set([...services, filters.service])]
            .filter((name) => name !== '')
            .map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <Text
        label="Member"
        value={filters.member}
        onInput={(member) => onChange({ ...filters, member })}
      />
      <Text label="VIP" value={filters.vip} onInput={(vip) => onChange({ ...filters, vip })} />
      <label class="check">
        <input
          type="checkbox"
          checked={filters.hasProblemsOnly}
          onChange={({ currentTarget }) =>
            onChange({ ...filters, hasProblemsOnly: currentTarget.checked })
          }
        />
        Only problems
      </label>
      <p role="status">
        {drawn < services.length && `${drawn} of ${services.length} services shown`}
      </p>
    </search>
  );
}

function Text(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}) {
  return (
    <label>
      {props.label}
      <input
        type="search"
        value={props.value}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
      />
    </label>
  );
}
