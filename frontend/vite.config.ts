import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const entries: Record<string, string> = {
  site: 'src/entries/site.ts',
  compare: 'src/entries/compare.tsx',
  daily: 'src/entries/daily.tsx',
  hourly: 'src/entries/hourly.tsx',
  averages: 'src/entries/averages.tsx',
  data: 'src/entries/data.tsx',
  // Alone as well, for the admin, which has a style sheet of its own.
  fonts: 'src/styles/fonts.css',
};

export default defineConfig({
  root: here('.'),
  base: '/static/build/',
  plugins: [react()],
  // The manifest names the fonts by their path in node_modules, which may be a link in a second checkout.
  resolve: { preserveSymlinks: true },
  build: {
    outDir: here('../static/build'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'baseline-widely-available',
    // Django serves the page: no inlined assets, since the policy allows fonts and scripts from the site only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, here(path)])),
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'chart', test: /node_modules[\\/](chart\.js|@kurkle)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { port: 5173, strictPort: true, origin: 'http://localhost:5173' },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node', restoreMocks: true },
});
