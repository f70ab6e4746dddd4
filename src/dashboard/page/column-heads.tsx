import type { Layout } from './layout.ts';
import { memberStateOf } from './member-state.ts';
import type { ServiceModel } from './model.ts';
import { TroubleSign } from './trouble-sign.tsx';
import type { Span } from './walk.ts';

interface HeadsProps {
  readonly service: ServiceModel;
  readonly members: readonly string[];
  readonly columns: Span;
  readonly layout: Layout;
  /** -1: none. */
  readonly activeColumn: number;
  readonly selectedColumn: number;
  /** That of a cell somebody looks at, so that the eye finds its member. */
  readonly markedColumn: number;
}

/** The row of heads: every member with how it is. */
export function ColumnHeads(props: HeadsProps) {
  const { service, members, columns, layout, activeColumn, selectedColumn, markedColumn } = props;
  return (
    <div role="row" class="heads" aria-rowindex={1} style={{ height: `${layout.headHeight}px` }}>
      <div
        role="columnheader"
        class="corner"
        aria-colindex={1}
        tabIndex={activeColumn === 0 ? 0 : -1}
        data-at="0,0"
        style={{ width: `${layout.headWidth}px` }}
      >
        <span class="vip">VIP</span>
        <span class="carried">carried by</span>
      </div>
      {members.slice(columns.from, columns.to).map((name, offset) => (
        <Head
          key={name}
          service={service}
          name={name}
          index={columns.from + offset}
          layout={layout}
          isActive={activeColumn === columns.from + offset + 1}
          isSelected={selectedColumn === columns.from + offset + 1}
          isMarked={markedColumn === columns.from + offset + 1}
        />
      ))}
    </div>
  );
}

function Head(props: {
  readonly service: ServiceModel;
  readonly name: string;
  readonly index: number;
  readonly layout: Layout;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly isMarked: boolean;
}) {
  const { service, name, index, layout, isActive, isSelected, isMarked } = props;
  const { word, symbol, tone } = memberStateOf(service, name);
  const trouble = service.members.get(name)?.trouble;
  const left = layout.headWidth + index * layout.columnWidth;
  return (
    <div
      role="columnheader"
      class={`head ${tone} ${isMarked ? 'marked' : ''} ${isSelected ? 'selected' : ''}`}
      aria-colindex={index + 2}
      aria-label={[name, word, trouble].filter((fact) => fact !== undefined).join(', ')}
      title={`${name}: ${word}`}
      tabIndex={isActive ? 0 : -1}
      data-at={`0,${index + 1}`}
      style={{ left: `${left}px`, width: `${layout.columnWidth}px` }}
    >
      <span class="name">{name}</span>
      <span class="state">
        {/* What its state says already needs no sign besides. */}
        {tone !== 'bad' && <TroubleSign trouble={trouble} />}
        {!(layout.isUpright && tone === 'good' && trouble !== undefined) && (
          <span aria-hidden="true">{symbol}</span>
        )}{' '}
        {!layout.isUpright && word}
      </span>
    </div>
  );
}
