export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The theme after this one: system, light, dark, system … */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
}

/** Makes the header's button cycle through the themes. Charts watch `data-theme` and redraw. */
export function mountThemeToggle(button: HTMLButtonElement | null): void {
  if (!button) return;
  button.hidden = false;
  describe(button, currentTheme());
  button.addEventListener('click', () => {
    const theme = nextTheme(currentTheme());
    applyTheme(theme);
    describe(button, theme);
  });
}

function currentTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem('theme');
    else localStorage.setItem('theme', theme);
  } catch {
    // Storage is blocked: the choice lasts for this page only.
  }
}

function describe(button: HTMLButtonElement, theme: Theme): void {
  const label = `Theme: ${theme}. Switch to ${nextTheme(theme)}`;
  button.setAttribute('aria-label', label);
  button.title = label;
  button.dataset['theme'] = theme;
}
