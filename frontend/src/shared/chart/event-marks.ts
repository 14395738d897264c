import type { Plugin } from 'chart.js';
import { FONT_SIZE, type ChartContext } from './options';

const BADGE = 16;
const LETTERS: Record<string, string> = { split: 'S', dividend: 'D' };

/** A dashed hairline where a split or dividend took effect, with its letter at the foot of the chart. */
export function eventMarks(context: () => ChartContext): Plugin<'line'> {
  return {
    id: 'eventMarks',
    beforeDatasetsDraw: (chart) => {
      const { scene, palette } = context();
      const { ctx, chartArea } = chart;
      const scale = chart.scales['x']!;
      const visible = scene.marks.filter(({ ordinal }) => ordinal > scale.min && ordinal <= scale.max);
      let taken = -Infinity;
      ctx.save();
      ctx.strokeStyle = palette.edge;
      ctx.lineWidth = 1;
      ctx.font = `600 ${FONT_SIZE - 1}px ${palette.font}`;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      for (const { ordinal, event } of visible) {
        const x = Math.round(scale.getPixelForValue(ordinal)) + 0.5;
        ctx.setLineDash([2, 4]);
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
        // Where marks crowd, a badge on each would hide its neighbours.
        if (x - taken < BADGE + 1) continue;
        taken = x;
        drawBadge(ctx, x, chartArea.bottom - BADGE / 2 - 3, LETTERS[event.kind] ?? '', context());
      }
      ctx.restore();
    },
  };
}

function drawBadge(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  letter: string,
  { palette }: ChartContext,
): void {
  ctx.setLineDash([]);
  ctx.fillStyle = palette.panel;
  ctx.beginPath();
  ctx.roundRect(x - BADGE / 2, y - BADGE / 2, BADGE, BADGE, 3);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = palette.muted;
  ctx.fillText(letter, x, y + 0.5);
}
