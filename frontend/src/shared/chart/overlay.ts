import type { Chart } from 'chart.js';
import { eventName, marksAt } from './events';
import { drawnValue } from './frame';
import { FONT_SIZE, type ChartContext } from './options';
import { barTime } from './readout';
import { nearest } from './search';

const TAG_HEIGHT = 22;
const DOT = 4;

/** Crosshair, dots and time tag on a canvas of their own: pointing at the chart never redraws the chart. */
export function drawOverlay(
  canvas: HTMLCanvasElement,
  chart: Chart<'line'>,
  context: ChartContext,
  cursor: number | null,
): void {
  const ratio = chart.currentDevicePixelRatio;
  fit(canvas, chart.width, chart.height, ratio);
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, chart.width, chart.height);
  const { table } = context.scene;
  const row = cursor === null ? -1 : nearest(table.ordinals, cursor);
  if (row < 0) return;
  const x = chart.scales['x']!.getPixelForValue(table.ordinals[row]!);
  if (x < chart.chartArea.left - 1 || x > chart.chartArea.right + 1) return;
  drawLine(ctx, chart, context, x);
  drawDots(ctx, chart, context, row, x);
  drawTag(ctx, chart, context, row, x);
}

function fit(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [pixelsWide, pixelsHigh] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixelsWide) canvas.width = pixelsWide;
  if (canvas.height !== pixelsHigh) canvas.height = pixelsHigh;
}

function drawLine(
  ctx: CanvasRenderingContext2D,
  chart: Chart<'line'>,
  { palette }: ChartContext,
  x: number,
): void {
  ctx.strokeStyle = palette.muted;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(Math.round(x) + 0.5, chart.chartArea.top);
  ctx.lineTo(Math.round(x) + 0.5, chart.chartArea.bottom);
  ctx.stroke();
}

function drawDots(
  ctx: CanvasRenderingContext2D,
  chart: Chart<'line'>,
  { scene, palette, frame }: ChartContext,
  row: number,
  x: number,
): void {
  for (const series of scene.series) {
    const value = drawnValue(scene, frame.base, series.column, row);
    if (!Number.isFinite(value)) continue;
    const y = chart.scales[series.scale === 'first' ? 'y' : 'y2']!.getPixelForValue(value);
    ctx.beginPath();
    ctx.arc(x, y, DOT, 0, 2 * Math.PI);
    ctx.fillStyle = palette[series.color];
    ctx.strokeStyle = palette.panel;
    ctx.lineWidth = 2;
    ctx.stroke();
    ctx.fill();
  }
}

function drawTag(
  ctx: CanvasRenderingContext2D,
  chart: Chart<'line'>,
  { scene, palette }: ChartContext,
  row: number,
  x: number,
): void {
  const here = marksAt(scene.marks, scene.table.ordinals[row]!, scene.sessions);
  const time = barTime(scene.table, row, scene.sessions);
  const text = [time, ...here.map(({ event }) => eventName(event))].join(' · ');
  ctx.font = `500 ${FONT_SIZE}px ${palette.font}`;
  const width = ctx.measureText(text).width + 16;
  const left = Math.min(Math.max(x - width / 2, 0), chart.width - width);
  const top = chart.chartArea.bottom + 3;
  ctx.fillStyle = palette.ink;
  ctx.beginPath();
  ctx.roundRect(left, top, width, TAG_HEIGHT, 3);
  ctx.fill();
  ctx.fillStyle = palette.panel;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 8, top + TAG_HEIGHT / 2 + 0.5);
}
