import { clampView, type View } from './view';

/** How long a gesture must rest before the chart counts as still, ms. */
const SETTLE_AFTER = 140;

/**
 * Where a chart looks and what it points at. Lives outside React, so that panning renders no component;
 * several charts may share one and then move together.
 */
export class ChartStore {
  private listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private current: View;
  private still: View;
  private pointed: number | null = null;
  private limits: View;
  private start: View;

  constructor(bounds: View, home: View = bounds) {
    this.limits = bounds;
    this.start = clampView(home, bounds);
    this.current = this.still = this.start;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly view = (): View => this.current;
  /** The view once a gesture has come to rest. */
  readonly settledView = (): View => this.still;
  /** The ordinal under the crosshair; null when nothing is pointed at. */
  readonly cursor = (): number | null => this.pointed;
  readonly isMoving = (): boolean => this.current !== this.still;
  readonly isHome = (): boolean => this.still.min === this.start.min && this.still.max === this.start.max;

  get bounds(): View {
    return this.limits;
  }

  /** Look elsewhere. A gesture's steps are settled later; anything else at once. */
  setView(view: View, { gesture = false } = {}): void {
    const next = clampView(view, this.limits);
    if (next.min === this.current.min && next.max === this.current.max) return;
    this.current = next;
    clearTimeout(this.timer);
    if (gesture) this.timer = setTimeout(this.settle, SETTLE_AFTER);
    else this.still = next;
    this.notify();
  }

  setCursor(ordinal: number | null): void {
    if (ordinal === this.pointed) return;
    this.pointed = ordinal;
    this.notify();
  }

  /** Replace how far the axis reaches and where "reset" leads. Goes there when that is another place than before. */
  setBounds(bounds: View, home: View): void {
    const start = clampView(home, bounds);
    const stay = start.min === this.start.min && start.max === this.start.max;
    this.limits = bounds;
    this.start = start;
    clearTimeout(this.timer);
    this.current = this.still = stay ? clampView(this.current, bounds) : start;
    this.notify();
  }

  reset(): void {
    this.setView(this.start);
  }

  private readonly settle = (): void => {
    this.still = this.current;
    this.notify();
  };

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
