import { Chart, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import { eventMarks } from './event-marks';
import { frameOf } from './frame';
import { Pyramid } from './lod';
import { chartOptions, type ChartContext } from './options';
import { drawOverlay } from './overlay';
import { readPalette, watchPalette } from './palette';
import { baseLine, endLabels, rangeBars, sessionLines } from './plugins';
import type { Scene } from './scene';
import { nearest } from './search';
import type { ChartStore } from './store';
import type { View } from './view';

Chart.register(LineController, LineElement, PointElement, LinearScale);

/** Points a series per pixel of width: while a gesture runs, and at rest. */
const MOVING_DETAIL = 1.5;
const RESTING_DETAIL = 3;
const NARROW = 560;

/** One Chart.js chart on a host element, drawn from a scene and steered by a store. */
export class ChartView {
  private readonly chart: Chart<'line'>;
  private readonly context: ChartContext;
  private readonly overlay: HTMLCanvasElement;
  private pyramid: Pyramid;
  private request = 0;
  private isGone = false;
  private drawn: { view: View; detail: number } | null = null;
  private readonly stops: (() => void)[];

  constructor(
    private readonly host: HTMLElement,
    private readonly store: ChartStore,
    scene: Scene,
  ) {
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    canvas.tabIndex = 0;
    this.overlay = document.createElement('canvas');
    this.overlay.className = 'chart__overlay';
    this.overlay.setAttribute('aria-hidden', 'true');
    host.replaceChildren(canvas, this.overlay);
    this.pyramid = new Pyramid(scene.table);
    const palette = readPalette(host);
    const frame = frameOf(scene, this.pyramid, store.view(), 1, 1);
    this.context = { scene, palette, frame, gutters: { first: 0, second: 0 }, ticks: [] };
    const context = (): ChartContext => this.context;
    this.chart = new Chart(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        ...chartOptions(context),
        onResize: () => {
          this.redraw();
        },
      },
      plugins: [
        sessionLines(context),
        eventMarks(context),
        rangeBars(context),
        baseLine(context),
        endLabels(context),
      ],
    });
    this.stops = [
      store.subscribe(this.schedule),
      watchPalette(() => {
        this.repaint();
      }),
    ];
    // Text drawn before the font is there would keep the fallback's look.
    void document.fonts.ready.then(() => {
      this.redraw();
    });
    this.describe();
    this.draw();
  }

  setScene(scene: Scene): void {
    if (scene.table !== this.context.scene.table) this.pyramid = new Pyramid(scene.table);
    this.context.scene = scene;
    this.describe();
    this.redraw();
  }

  /** The ordinal at a distance from the host's left edge, in CSS pixels. */
  ordinalAt(x: number): number {
    const { left, right } = this.chart.chartArea;
    const { min, max } = this.store.view();
    return min + ((x - left) / Math.max(right - left, 1)) * (max - min);
  }

  get plotWidth(): number {
    return this.chart.chartArea.right - this.chart.chartArea.left;
  }

  /** Point at the bar nearest to an ordinal. */
  pointAt(ordinal: number): void {
    const { ordinals } = this.context.scene.table;
    const row = nearest(ordinals, ordinal);
    this.store.setCursor(row < 0 ? null : ordinals[row]!);
  }

  /** Point at the bar `by` places after the one pointed at; null when there is nothing to point at. */
  step(by: number): number | null {
    const { ordinals } = this.context.scene.table;
    if (ordinals.length === 0) return null;
    const row = nearest(ordinals, this.store.cursor() ?? this.store.view().max);
    const next = ordinals[Math.min(Math.max(row + by, 0), ordinals.length - 1)]!;
    this.store.setCursor(next);
    return next;
  }

  get pixelRatio(): number {
    return this.chart.currentDevicePixelRatio;
  }

  /** The chart as a picture, on its own ground. */
  toCanvas(): HTMLCanvasElement {
    const { canvas } = this.chart;
    const copy = document.createElement('canvas');
    copy.width = canvas.width;
    copy.height = canvas.height;
    const ctx = copy.getContext('2d');
    if (ctx) {
      ctx.fillStyle = this.context.palette.panel;
      ctx.fillRect(0, 0, copy.width, copy.height);
      ctx.drawImage(canvas, 0, 0);
    }
    return copy;
  }

  destroy(): void {
    this.isGone = true;
    cancelAnimationFrame(this.request);
    for (const stop of this.stops) stop();
    this.chart.destroy();
    this.host.replaceChildren();
  }

  private readonly schedule = (): void => {
    if (this.isGone) return;
    this.request ||= requestAnimationFrame(() => {
      this.request = 0;
      this.draw();
    });
  };

  private redraw(): void {
    this.drawn = null;
    this.schedule();
  }

  private repaint(): void {
    this.context.palette = readPalette(this.host);
    this.redraw();
  }

  private draw(): void {
    const view = this.store.view();
    const detail = this.store.isMoving() ? MOVING_DETAIL : RESTING_DETAIL;
    if (this.drawn?.view !== view || this.drawn.detail !== detail) this.drawChart(view, detail);
    drawOverlay(this.overlay, this.chart, this.context, this.store.cursor());
  }

  private drawChart(view: View, detail: number): void {
    const { scene } = this.context;
    const width = this.host.clientWidth;
    const double = scene.series.some((series) => series.scale === 'second');
    this.context.gutters = guttersFor(width, double);
    this.context.frame = frameOf(scene, this.pyramid, view, width, Math.max(200, width * detail));
    const scales = this.chart.options.scales!;
    Object.assign(scales['x']!, view);
    Object.assign(scales['y']!, this.context.frame.first);
    Object.assign(scales['y2']!, this.context.frame.second, { display: double });
    this.chart.data.datasets = this.datasets();
    this.chart.update('none');
    this.drawn = { view, detail };
    this.host.dataset['ready'] = 'true';
  }

  private datasets(): Chart<'line'>['data']['datasets'] {
    const { scene, palette, frame } = this.context;
    return scene.series.map((series, place) => ({
      label: series.label,
      data: frame.lines[place]!,
      yAxisID: series.scale === 'first' ? 'y' : 'y2',
      borderColor: palette[series.color],
      borderWidth: series.width,
      borderDash: [...series.dash],
      pointRadius: series.dots,
      pointBackgroundColor: palette[series.color],
      pointBorderColor: palette.panel,
      pointBorderWidth: series.dots > 0 ? 1.5 : 0,
      order: -place,
    }));
  }

  private describe(): void {
    this.chart.canvas.setAttribute('aria-label', this.context.scene.summary);
  }
}

function guttersFor(width: number, double: boolean): ChartContext['gutters'] {
  if (width < NARROW) return { first: 58, second: double ? 58 : 0 };
  return { first: 108, second: double ? 108 : 0 };
}
