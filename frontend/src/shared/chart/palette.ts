/** Colours of the canvas, read from the page's CSS variables so that theme and forced colours hold there too. */

const TOKENS = {
  ink: '--ink',
  muted: '--muted',
  line: '--line',
  panel: '--panel',
  edge: '--edge',
  'series-1': '--series-1',
  'series-2': '--series-2',
  'series-3': '--series-3',
  'series-4': '--series-4',
  'series-5': '--series-5',
  'series-6': '--series-6',
} as const;

export type ColorToken = keyof typeof TOKENS;
export type Palette = Record<ColorToken, string> & { font: string };

/** Read every token as the browser resolves it inside `element`. */
export function readPalette(element: HTMLElement): Palette {
  // The variables hold light-dark(), which only a real property resolves.
  const probe = document.createElement('span');
  probe.className = 'palette-probe';
  element.append(probe);
  const colors = Object.fromEntries(
    Object.entries(TOKENS).map(([token, variable]) => {
      probe.style.color = `var(${variable})`;
      return [token, getComputedStyle(probe).color];
    }),
  ) as Record<ColorToken, string>;
  const font = getComputedStyle(probe).fontFamily;
  probe.remove();
  return { ...colors, font };
}

const WATCHED_MEDIA = ['(prefers-color-scheme: dark)', '(forced-colors: active)'];

/** Call back whenever the colours may have changed; returns what ends the watch. */
export function watchPalette(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const queries = WATCHED_MEDIA.map((media) => matchMedia(media));
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', changed);
  };
}

/** The same colour, `alpha` opaque. */
export function translucent(color: string, alpha: number): string {
  return `color-mix(in srgb, ${color} ${alpha * 100}%, transparent)`;
}
