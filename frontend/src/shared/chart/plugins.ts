import type { Chart, Plugin } from 'chart.js';
import { percent, price } from '../text/numbers';
import { drawnValue } from './frame';
import { spreadLabels } from './labels';
import { FONT_SIZE, type ChartContext } from './options';
import { translucent } from './palette';
import { lastRowWithin } from './rebase';
import type { SeriesStyle } from './scene';

const LABEL_HEIGHT = 20;
/** The figures of a value axis, with a pixel of air. */
const TICK_HEIGHT = 10;
/** The value axes, by the scale of the lines that they measure. */
const AXES = { first: 'y', second: 'y2' } as const;
/** A value axis at least this wide has room for a line's value beside its name. */
const ROOMY_GUTTER = 80;
/** Fewer pixels than this to a session, and hairlines mark the axis ticks instead. */
const NARROWEST_SESSION = 42;

type LineChart = Chart<'line'>;

/** Hairlines where sessions (or the axis' larger units) begin: the only sign of a night or a weekend. */
export function sessionLines(context: () => ChartContext): Plugin<'line'> {
  return {
    id: 'sessionLines',
    beforeDatasetsDraw: (chart) => {
      const { palette } = context();
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.strokeStyle = palette.line;
      ctx.lineWidth = 1;
      ctx.beginPath();
      for (const ordinal of hairlines(chart, context())) {
        const x = Math.round(chart.scales['x']!.getPixelForValue(ordinal)) + 0.5;
        if (x <= chartArea.left || x > chartArea.right) continue;
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom + 6);
      }
      ctx.stroke();
      ctx.restore();
    },
  };
}

function hairlines(chart: LineChart, { scene, ticks }: ChartContext): number[] {
  const { min, max } = chart.scales['x']!;
  const perSession = (390 / (max - min)) * chart.chartArea.width;
  if (perSession < NARROWEST_SESSION) return ticks.map((tick) => tick.ordinal);
  const { sessions } = scene.sessions;
  return sessions
    .slice(scene.sessions.indexAt(min), scene.sessions.indexAt(max) + 1)
    .map((session) => session.ordinal);
}

/** The line at 0 %, and a mark where a pinned base lies. */
export function baseLine(context: () => ChartContext): Plugin<'line'> {
  return {
    id: 'baseLine',
    beforeDatasetsDraw: (chart) => {
      const { scene, palette } = context();
      if (scene.mode !== 'percent') return;
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.strokeStyle = palette.edge;
      const y = Math.round(chart.scales['y']!.getPixelForValue(0)) + 0.5;
      if (y > chartArea.top && y < chartArea.bottom) line(ctx, chartArea.left, y, chartArea.right, y);
      const x = scene.pin ? Math.round(chart.scales['x']!.getPixelForValue(scene.pin.ordinal)) + 0.5 : NaN;
      if (x >= chartArea.left && x <= chartArea.right) {
        ctx.setLineDash([2, 3]);
        line(ctx, x, chartArea.top, x, chartArea.bottom);
      }
      ctx.restore();
    },
  };
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

/** Bars from low to high behind the lines. */
export function rangeBars(context: () => ChartContext): Plugin<'line'> {
  return {
    id: 'rangeBars',
    beforeDatasetsDraw: (chart) => {
      const { scene, palette, frame } = context();
      if (!scene.range) return;
      const { ctx, chartArea, scales } = chart;
      const spacing = chartArea.width / Math.max(frame.ranges.length, 1);
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      ctx.strokeStyle = translucent(palette[scene.range.color], 0.28);
      ctx.lineWidth = Math.max(1, Math.min(7, spacing * 0.45));
      for (const { x, low, high } of frame.ranges) {
        const at = scales['x']!.getPixelForValue(x);
        line(ctx, at, scales['y']!.getPixelForValue(low), at, scales['y']!.getPixelForValue(high));
      }
      ctx.restore();
    },
  };
}

interface EndLabel {
  text: string;
  color: string;
  /** Its centre. */
  y: number;
}

/** The name of each line, and its value where there is room, at its right end over its value axis. */
export function endLabels(context: () => ChartContext): Plugin<'line'> {
  return {
    id: 'endLabels',
    // A figure of the axis that shows half behind a name reads as another figure.
    afterLayout: (chart) => {
      for (const scale of ['first', 'second'] as const) {
        const axis = chart.scales[AXES[scale]]!;
        const labels = labelsOf(chart, context(), scale);
        const isCovered = (y: number): boolean =>
          labels.some((label) => Math.abs(label.y - y) < (LABEL_HEIGHT + TICK_HEIGHT) / 2);
        for (const tick of axis.ticks) if (isCovered(axis.getPixelForValue(tick.value))) tick.label = '';
      }
    },
    afterDraw: (chart) => {
      const { ctx, chartArea } = chart;
      const { palette, gutters } = context();
      ctx.save();
      ctx.font = `600 ${FONT_SIZE}px ${palette.font}`;
      ctx.textBaseline = 'middle';
      for (const scale of ['first', 'second'] as const) {
        const left = chartArea.right + (scale === 'first' ? 0 : gutters.first) + 2;
        for (const label of labelsOf(chart, context(), scale)) drawLabel(chart, label, left, palette.panel);
      }
      ctx.restore();
    },
  };
}

/** The labels of one value axis, moved apart. */
function labelsOf(chart: LineChart, drawing: ChartContext, scale: SeriesStyle['scale']): EndLabel[] {
  const { scene, palette, frame, gutters } = drawing;
  const { min, max } = chart.scales['x']!;
  const axis = chart.scales[AXES[scale]]!;
  const labels = scene.series.flatMap((series): EndLabel[] => {
    const isHere = series.scale === scale && series.endLabel;
    const row = isHere ? lastRowWithin(scene.table, series.column, min, max) : -1;
    if (row < 0) return [];
    const drawn = drawnValue(scene, frame.base, series.column, row);
    const said = scene.mode === 'percent' ? percent(drawn, 1) : price(drawn);
    const text = gutters.first >= ROOMY_GUTTER ? `${series.label} ${said}` : series.label;
    return [{ text, color: palette[series.color], y: axis.getPixelForValue(drawn) }];
  });
  const { top, bottom } = chart.chartArea;
  const wanted = labels.map((label) => label.y);
  const centres = spreadLabels(wanted, LABEL_HEIGHT + 2, top - 8, bottom + 8);
  return labels.map((label, place) => ({ ...label, y: Math.round(centres[place]!) }));
}

function drawLabel(chart: LineChart, label: EndLabel, left: number, ink: string): void {
  const { ctx } = chart;
  const width = Math.min(ctx.measureText(label.text).width + 12, chart.width - left);
  ctx.fillStyle = label.color;
  ctx.beginPath();
  ctx.roundRect(left, label.y - LABEL_HEIGHT / 2, width, LABEL_HEIGHT, 3);
  ctx.fill();
  ctx.fillStyle = ink;
  ctx.fillText(label.text, left + 6, label.y + 0.5);
}
