/** A run of probes on one flow that nobody answered. Times are when probes were *sent*. */
export interface LossRun {
  /** The last answered probe before the run. */
  readonly fromMs: number;
  /** The first answered probe after it; the newest probe known to be lost while the run goes on. */
  readonly toMs: number;
  readonly lost: number;
}

/** How long an answer may take. Later than any scheduling noise seen, so that a late answer is not a loss. */
export const answerWithinMs = 1_000;

const ringSize = 1_024;

/**
 * Book-keeping of one flow: which probe was sent when and what came of it. A probe counts once it is answered or
 * `answerWithinMs` old, in the order of sending, so a stalled prober or a late answer never looks like silence.
 */
export class ProbeFlow {
  private readonly sentAt = new Float64Array(ringSize);
  private readonly isAnswered = new Uint8Array(ringSize);
  private nextToSend = 0;
  private nextToSettle = 0;
  private lastAnsweredMs = Number.NaN;
  private lost = 0;
  private lastLostMs = 0;

  /** Records a probe and gives its number. */
  sent(atMs: number): number {
    const sequence = this.nextToSend;
    this.nextToSend += 1;
    this.sentAt[sequence % ringSize] = atMs;
    this.isAnswered[sequence % ringSize] = 0;
    return sequence;
  }

  /** Records an answer; one that comes after its probe was given up changes nothing. */
  answered(sequence: number): void {
    if (sequence >= this.nextToSettle && sequence < this.nextToSend) {
      this.isAnswered[sequence % ringSize] = 1;
    }
  }

  /** Settles what can be settled and returns the runs of losses that ended. */
  settle(atMs: number): readonly LossRun[] {
    const ended: LossRun[] = [];
    while (this.nextToSettle < this.nextToSend) {
      const slot = this.nextToSettle % ringSize;
      const sentMs = this.sentAt[slot] ?? 0;
      if (this.isAnswered[slot] === 1) {
        if (this.lost > 0) ended.push({ fromMs: this.startMs(), toMs: sentMs, lost: this.lost });
        this.lost = 0;
        this.lastAnsweredMs = sentMs;
      } else if (atMs - sentMs > answerWithinMs) {
        this.lost += 1;
        this.lastLostMs = sentMs;
      } else {
        break;
      }
      this.nextToSettle += 1;
    }
    return ended;
  }

  /** The run of losses that goes on, if any. */
  openRun(): LossRun | undefined {
    if (this.lost === 0) return undefined;
    return { fromMs: this.startMs(), toMs: this.lastLostMs, lost: this.lost };
  }

  /** All probes sent before this time are settled. */
  settledMs(atMs: number): number {
    if (this.nextToSettle === this.nextToSend) return atMs;
    return this.sentAt[this.nextToSettle % ringSize] ?? atMs;
  }

  private startMs(): number {
    return Number.isNaN(this.lastAnsweredMs) ? (this.sentAt[0] ?? 0) : this.lastAnsweredMs;
  }
}
