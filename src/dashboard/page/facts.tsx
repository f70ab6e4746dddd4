import type { ComponentChildren } from 'preact';

/** A list of facts. */
export function Facts({ children }: { readonly children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

/** One fact; nothing is drawn for what is not known. */
export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children?: ComponentChildren;
}) {
  if (children === undefined || children === '' || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
