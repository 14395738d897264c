/** The visible part of the time axis, in ordinals. */
export interface View {
  min: number;
  max: number;
}

/** Fewest trading minutes that may fill the chart. */
export const SHORTEST_SPAN = 10;

/** Keep a view inside its bounds without changing its span, unless the span is too short or too long. */
export function clampView(view: View, bounds: View): View {
  const longest = bounds.max - bounds.min;
  const span = Math.min(Math.max(view.max - view.min, Math.min(SHORTEST_SPAN, longest)), longest);
  const min = Math.min(Math.max(view.min, bounds.min), bounds.max - span);
  return { min, max: min + span };
}

/** Zoom by a factor (below 1 is closer) about the ordinal that stays in its place. */
export function zoomView(view: View, factor: number, about: number, bounds: View): View {
  const span = Math.min(Math.max((view.max - view.min) * factor, SHORTEST_SPAN), bounds.max - bounds.min);
  const share = (about - view.min) / (view.max - view.min);
  const min = about - share * span;
  return clampView({ min, max: min + span }, bounds);
}

export function panView(view: View, by: number, bounds: View): View {
  return clampView({ min: view.min + by, max: view.max + by }, bounds);
}

/** Move a view just so far that an ordinal is inside. */
export function revealInView(view: View, ordinal: number, bounds: View): View {
  if (ordinal < view.min) return panView(view, ordinal - view.min, bounds);
  return ordinal > view.max ? panView(view, ordinal - view.max, bounds) : view;
}
