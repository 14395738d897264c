import type { ChartView } from './chart-view';
import type { ChartStore } from './store';
import { panView, revealInView, zoomView, type View } from './view';

const DRAG_STARTS_AFTER = 3;
const LONG_PRESS = 350;
const WHEEL_ZOOM = 0.0022;

/**
 * Mouse, touch and keyboard on a chart. A plain wheel scrolls the page, as everywhere else: Ctrl + wheel, a pinch
 * or + and − zoom, a drag pans, a long press inspects, a double click resets. Returns what detaches it all.
 */
export function attachGestures(host: HTMLElement, view: ChartView, store: ChartStore): () => void {
  const abort = new AbortController();
  const pointers = new Pointers(host, view, store);
  const listen = <K extends keyof HTMLElementEventMap>(
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void => {
    host.addEventListener(type, handler, { ...options, signal: abort.signal });
  };
  listen('pointerdown', pointers.down);
  listen('pointermove', pointers.move);
  listen('pointerup', pointers.up);
  listen('pointercancel', pointers.up);
  listen('pointerleave', pointers.leave);
  listen('dblclick', () => {
    store.reset();
  });
  listen(
    'wheel',
    (event) => {
      onWheel(event, host, view, store);
    },
    { passive: false },
  );
  listen('keydown', (event) => {
    onKey(event, view, store);
  });
  return () => {
    abort.abort();
  };
}

function offset(host: HTMLElement, event: { clientX: number }): number {
  return event.clientX - host.getBoundingClientRect().left;
}

class Pointers {
  private readonly active = new Map<number, number>();
  private start: { view: View; xs: number[] } | null = null;
  private dragging = false;
  private inspecting = false;
  private press: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: HTMLElement,
    private readonly view: ChartView,
    private readonly store: ChartStore,
  ) {}

  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const x = offset(this.host, event);
    this.active.set(event.pointerId, x);
    this.begin();
    clearTimeout(this.press);
    if (event.pointerType === 'mouse' || this.active.size > 1) return;
    this.press = setTimeout(() => {
      this.inspecting = true;
      this.host.setPointerCapture(event.pointerId);
      this.view.pointAt(this.view.ordinalAt(x));
    }, LONG_PRESS);
  };

  readonly move = (event: PointerEvent): void => {
    const x = offset(this.host, event);
    if (!this.active.has(event.pointerId)) {
      if (event.pointerType === 'mouse') this.view.pointAt(this.view.ordinalAt(x));
      return;
    }
    this.active.set(event.pointerId, x);
    if (this.inspecting) this.view.pointAt(this.view.ordinalAt(x));
    else if (this.active.size === 2) this.pinch();
    else this.drag(event, x);
  };

  readonly up = (event: PointerEvent): void => {
    clearTimeout(this.press);
    if (!this.active.delete(event.pointerId)) return;
    const tapped = event.type === 'pointerup' && !this.dragging && !this.inspecting;
    if (tapped) this.view.pointAt(this.view.ordinalAt(offset(this.host, event)));
    if (this.active.size === 0) {
      this.dragging = this.inspecting = false;
      delete this.host.dataset['dragging'];
    }
    this.begin();
  };

  readonly leave = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse' && this.active.size === 0) this.store.setCursor(null);
  };

  private begin(): void {
    this.start = this.active.size > 0 ? { view: this.store.view(), xs: [...this.active.values()] } : null;
  }

  private drag(event: PointerEvent, x: number): void {
    const from = this.start?.xs[0];
    if (!this.start || from === undefined) return;
    if (!this.dragging && Math.abs(x - from) < DRAG_STARTS_AFTER) return;
    if (!this.dragging) {
      clearTimeout(this.press);
      this.dragging = true;
      this.host.dataset['dragging'] = 'true';
      this.host.setPointerCapture(event.pointerId);
      this.store.setCursor(null);
    }
    const { view } = this.start;
    const by = ((from - x) / this.view.plotWidth) * (view.max - view.min);
    this.store.setView(panView(view, by, this.store.bounds), { gesture: true });
  }

  /** Keep the two ordinals that the fingers took hold of under the fingers. */
  private pinch(): void {
    const [a0, b0] = this.start?.xs ?? [];
    const [a1, b1] = [...this.active.values()];
    if (!this.start || a0 === undefined || b0 === undefined || a1 === undefined || b1 === undefined) return;
    clearTimeout(this.press);
    this.dragging = true;
    const { view } = this.start;
    const span = view.max - view.min;
    const factor = Math.max(Math.abs(b0 - a0), 8) / Math.max(Math.abs(b1 - a1), 8);
    const held = view.min + ((a0 + b0) / 2 / this.view.plotWidth) * span;
    const min = held - ((a1 + b1) / 2 / this.view.plotWidth) * span * factor;
    this.store.setView({ min, max: min + span * factor }, { gesture: true });
  }
}

function onWheel(event: WheelEvent, host: HTMLElement, view: ChartView, store: ChartStore): void {
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const about = view.ordinalAt(offset(host, event));
    store.setView(zoomView(store.view(), Math.exp(event.deltaY * WHEEL_ZOOM), about, store.bounds), {
      gesture: true,
    });
  } else if (Math.abs(sideways) > Math.abs(event.deltaY) || event.shiftKey) {
    event.preventDefault();
    const { min, max } = store.view();
    store.setView(panView(store.view(), (sideways / view.plotWidth) * (max - min), store.bounds), {
      gesture: true,
    });
  }
}

function onKey(event: KeyboardEvent, view: ChartView, store: ChartStore): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (!handleKey(event, view, store)) return;
  event.preventDefault();
}

/** Whether the key was one of ours. */
function handleKey({ key, shiftKey }: KeyboardEvent, view: ChartView, store: ChartStore): boolean {
  const { min, max } = store.view();
  const zoom = (factor: number): void => {
    store.setView(zoomView(store.view(), factor, store.cursor() ?? (min + max) / 2, store.bounds));
  };
  const walk = (by: number): void => {
    const ordinal = view.step(by);
    if (ordinal !== null) store.setView(revealInView(store.view(), ordinal, store.bounds));
  };
  const actions: Record<string, () => void> = {
    ArrowLeft: () => {
      walk(shiftKey ? -10 : -1);
    },
    ArrowRight: () => {
      walk(shiftKey ? 10 : 1);
    },
    Home: () => {
      view.pointAt(min);
    },
    End: () => {
      view.pointAt(max);
    },
    PageUp: () => {
      store.setView(panView(store.view(), min - max, store.bounds));
    },
    PageDown: () => {
      store.setView(panView(store.view(), max - min, store.bounds));
    },
    '+': () => {
      zoom(0.5);
    },
    '=': () => {
      zoom(0.5);
    },
    '-': () => {
      zoom(2);
    },
    '0': () => {
      store.reset();
    },
    Escape: () => {
      store.setCursor(null);
    },
  };
  const action = actions[key];
  action?.();
  return action !== undefined;
}
