import type { ChartOptions, Scale, Tick } from 'chart.js';
import { MISSING, price } from '../text/numbers';
import type { Frame } from './frame';
import type { Palette } from './palette';
import type { Scene } from './scene';
import { timeTicks, type TimeTick } from './ticks';

export const FONT_SIZE = 12;

/** Sizes that depend on how wide the chart is. */
export interface Gutters {
  first: number;
  second: number;
}

/** What the option callbacks read at drawing time. */
export interface ChartContext {
  scene: Scene;
  palette: Palette;
  frame: Frame;
  gutters: Gutters;
  ticks: TimeTick[];
}

type ScaleOptions = NonNullable<NonNullable<ChartOptions<'line'>['scales']>[string]>;

/** Chart.js with everything off that we do ourselves: parsing, animation, events, legend, tooltip. */
export function chartOptions(context: () => ChartContext): ChartOptions<'line'> {
  return {
    parsing: false,
    normalized: true,
    animation: false,
    events: [],
    responsive: true,
    maintainAspectRatio: false,
    devicePixelRatio: Math.min(window.devicePixelRatio || 1, 2),
    layout: { autoPadding: false, padding: { top: 10, right: 0, bottom: 0, left: 0 } },
    elements: { point: { radius: 0, hitRadius: 0 }, line: { tension: 0, borderJoinStyle: 'round' } },
    scales: {
      x: timeScale(context),
      y: valueScale(context, 'first'),
      y2: valueScale(context, 'second'),
    },
  };
}

function timeScale(context: () => ChartContext): ScaleOptions {
  return {
    type: 'linear',
    grid: { display: false, drawTicks: false },
    border: { display: false },
    afterBuildTicks: (scale: Scale) => {
      const { scene } = context();
      const ticks = timeTicks(scene.sessions, { min: scale.min, max: scale.max }, scale.width);
      context().ticks = ticks;
      scale.ticks = ticks.map((tick) => ({ value: tick.ordinal, label: tick.label, major: tick.major }));
    },
    afterFit: (scale: Scale) => {
      scale.height = 28;
    },
    ticks: {
      align: 'start',
      autoSkip: false,
      includeBounds: false,
      maxRotation: 0,
      minRotation: 0,
      padding: 9,
      color: (of) => (isMajor(of) ? context().palette.ink : context().palette.muted),
      font: (of) => ({ size: FONT_SIZE, family: context().palette.font, weight: isMajor(of) ? 600 : 400 }),
      callback: (_value, place) => context().ticks[place]?.label ?? '',
    },
  };
}

/** Chart.js also asks about the scale as a whole, without a tick, whatever its types say. */
function isMajor({ tick }: { tick?: Tick }): boolean {
  return tick?.major === true;
}

function valueScale(context: () => ChartContext, which: 'first' | 'second'): ScaleOptions {
  return {
    type: 'linear',
    position: 'right',
    weight: which === 'first' ? 0 : 1,
    border: { display: false },
    grid: {
      display: which === 'first',
      drawTicks: false,
      color: () => context().palette.line,
      lineWidth: 1,
    },
    afterFit: (scale: Scale) => {
      scale.width = context().gutters[which];
    },
    ticks: {
      includeBounds: false,
      maxTicksLimit: 11,
      padding: 10,
      color: () => axisColor(context(), which),
      font: () => ({ size: FONT_SIZE, family: context().palette.font }),
      callback: (value, _place, ticks) =>
        context().frame.isEmpty ? '' : axisLabel(Number(value), tickStep(ticks), context().scene.mode),
    },
  };
}

/** With two value scales each wears its series' colour. */
function axisColor({ scene, palette }: ChartContext, which: 'first' | 'second'): string {
  const own = scene.series.filter((series) => series.scale === which);
  const double = scene.series.some((series) => series.scale === 'second');
  return double && own.length === 1 ? palette[own[0]!.color] : palette.muted;
}

function tickStep(ticks: readonly Tick[]): number {
  return ticks.length > 1 ? Math.abs(ticks[1]!.value - ticks[0]!.value) : 1;
}

/** "+2 %" or "272.50", with as many decimals as the ticks' step needs. */
export function axisLabel(value: number, step: number, mode: Scene['mode']): string {
  if (!Number.isFinite(value)) return MISSING;
  const shown = mode === 'percent' ? value * 100 : value;
  const shownStep = mode === 'percent' ? step * 100 : step;
  const digits = Math.min(4, Math.max(0, -Math.floor(Math.log10(shownStep) + 1e-9)));
  if (mode === 'price') return digits > 0 && digits <= 2 ? price(shown) : shown.toFixed(digits);
  const rounded = Math.abs(shown).toFixed(digits);
  const sign = Number(rounded) === 0 ? '' : shown > 0 ? '+' : '\u2212';
  return `${sign}${rounded}\u202f%`;
}
