import { Component } from 'preact';
import { type CellRole, cellWords, letters } from '../letters.ts';
import type { OrderPart, ServicePart, VipPart } from '../wire.ts';
import type { Layout } from './layout.ts';
import type { ServiceModel } from './model.ts';
import { TroubleSign } from './trouble-sign.tsx';
import { roleAt, type VipState, vipStateOf, vipWords } from './vip-state.ts';
import type { Span } from './walk.ts';

interface RowProps {
  readonly service: ServiceModel;
  readonly name: string;
  readonly part: VipPart | undefined;
  readonly about: ServicePart;
  readonly order: OrderPart;
  /** Names of the members that are gone, as one text. */
  readonly gone: string;
  /** The columns, which filters may have thinned out. */
  readonly members: readonly string[];
  readonly index: number;
  readonly columns: Span;
  readonly layout: Layout;
  /** -1: none. */
  readonly activeColumn: number;
  readonly selectedColumn: number;
}

/** One VIP. Drawn anew only when something in it has changed. */
export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { props } = this;
    return (
      next.part !== props.part ||
      next.about.maintenance !== props.about.maintenance ||
      next.order !== props.order ||
      next.gone !== props.gone ||
      next.members !== props.members ||
      next.index !== props.index ||
      next.columns.from !== props.columns.from ||
      next.columns.to !== props.columns.to ||
      next.layout !== props.layout ||
      next.activeColumn !== props.activeColumn ||
      next.selectedColumn !== props.selectedColumn
    );
  }

  override render() {
    const { service, name, part, index, layout, activeColumn, selectedColumn } = this.props;
    if (part === undefined) return null;
    const top = layout.headHeight + index * layout.rowHeight;
    const state = vipStateOf(service, part);
    return (
      <div
        role="row"
        class="row"
        aria-rowindex={index + 2}
        style={{ top: `${top}px`, height: `${layout.rowHeight}px` }}
      >
        <div
          role="rowheader"
          class={`rowhead ${state.kind} ${selectedColumn > 0 ? 'marked' : ''} ${selectedColumn === 0 ? 'selected' : ''}`}
          aria-colindex={1}
          tabIndex={activeColumn === 0 ? 0 : -1}
          data-at={`${index + 1},0`}
          style={{ width: `${layout.headWidth}px` }}
        >
          <span class="vip" title={name}>
            {name}
          </span>
          <Carried state={state} part={part} />
        </div>
        {this.#cells(part)}
      </div>
    );
  }

  #cells(part: VipPart) {
    const { service, members, columns, order, index, layout, activeColumn, selectedColumn } =
      this.props;
    const positions = order.members;
    const isWhole = members.length === positions.length;
    const drawn = columnsDrawn(columns, activeColumn, members.length);
    return drawn.map((column) => {
      const member = members[column] ?? '';
      const position = isWhole ? column : positions.indexOf(member);
      const role = roleAt(service, part, position);
      return (
        <div
          key={member}
          role="gridcell"
          class={`cell ${selectedColumn === column + 1 ? 'selected' : ''}`}
          aria-colindex={column + 2}
          aria-label={labelOf(role, member, part)}
          tabIndex={activeColumn === column + 1 ? 0 : -1}
          data-at={`${index + 1},${column + 1}`}
          style={{
            left: `${layout.headWidth + column * layout.columnWidth}px`,
            width: `${layout.columnWidth}px`,
          }}
        >
          <span class={`chip ${role} ${part.owner === member ? 'owned' : ''}`}>
            {layout.hasWords ? cellWords[role].word : signOf(role)}
          </span>
        </div>
      );
    });
  }
}

function columnsDrawn(span: Span, activeColumn: number, count: number): readonly number[] {
  const columns = Array.from({ length: span.to - span.from }, (_, index) => span.from + index);
  const active = activeColumn - 1;
  const isOutside = active >= 0 && active < count && (active < span.from || active >= span.to);
  return isOutside ? [...columns, active] : columns;
}

/** What stands for a role where a word does not fit. */
export function signOf(role: CellRole): string {
  const { word } = cellWords[role];
  // What is not a word is a sign already.
  return /^\w/.test(word) ? letters[role] : word;
}

/** Begins with what is shown, so that who speaks to the page can say what they see. */
function labelOf(role: CellRole, member: string, { owner, claim }: VipPart): string {
  const { word, meaning } = cellWords[role];
  const facts = [
    /^\w/.test(word) ? word : '',
    `${member} ${meaning}`,
    owner === member ? 'owns it' : '',
    claim?.holder === member ? 'holds its claim' : '',
  ];
  return facts.filter((fact) => fact !== '').join(', ');
}

/** Who gets its traffic, in words, and what is odd about its claim. */
function Carried({ state, part }: { readonly state: VipState; readonly part: VipPart }) {
  const words = vipWords(state, part.trouble);
  const isUnclaimed = state.kind === 'owner' && part.claim === undefined;
  const trouble = state.kind === 'nobody' ? 'error' : part.trouble;
  return (
    <span class="carried" title={words}>
      <TroubleSign trouble={trouble} />
      {words}
      {isUnclaimed && ', no claim'}
    </span>
  );
}
