import { useLayoutEffect, useState } from 'preact/hooks';

/** What of a scrolled element is in sight, in CSS pixels. */
export interface Sight {
  readonly top: number;
  readonly left: number;
  /** What it may take: it shrinks to what it holds. */
  readonly width: number;
  readonly height: number;
}

/** Scrolling draws anew only in steps: spans have a margin of as much on either side. */
const stepPx = 100;

/** Follows what is in sight of an element. */
export function useSight(element: { readonly current: HTMLElement | null }): Sight {
  const [sight, setSight] = useState<Sight>({ top: 0, left: 0, width: 960, height: 480 });
  useLayoutEffect(() => {
    const { current } = element;
    const parent = current?.parentElement;
    if (current === null || !parent) return undefined;
    const look = () => {
      const next = {
        top: Math.floor(current.scrollTop / stepPx) * stepPx,
        left: Math.floor(current.scrollLeft / stepPx) * stepPx,
        width: parent.clientWidth,
        height: Math.min(window.innerHeight, current.clientHeight + stepPx),
      };
      setSight((before) => (isSame(before, next) ? before : next));
    };
    const observer = new ResizeObserver(look);
    for (const one of [parent, current]) observer.observe(one);
    current.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      current.removeEventListener('scroll', look);
    };
  }, [element]);
  return sight;
}

function isSame(one: Sight, other: Sight): boolean {
  return (
    one.top === other.top &&
    one.left === other.left &&
    one.width === other.width &&
    one.height === other.height
  );
}
