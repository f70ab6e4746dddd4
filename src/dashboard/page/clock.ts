/** The browser's clock: the one place of the page that asks for the time or waits. Each wait is ended by what it returns. */
export const browserClock = {
  /** Milliseconds since 1970, by a clock that may be wrong. */
  wallMs: () => Date.now(),
  after(delayMs: number, act: () => void): () => void {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs: number, act: () => void): () => void {
    const timer = setInterval(act, periodMs);
    return () => clearInterval(timer);
  },
};
