import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const entries = ['site.ts', 'compare.tsx', 'daily.tsx', 'hourly.tsx', 'averages.tsx', 'data.tsx'];

export default defineConfig({
  root: here('.'),
  base: '/static/build/',
  plugins: [react()],
  build: {
    outDir: here('../static/build'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'baseline-widely-available',
    // Django serves the page: no inlined assets, since the policy allows fonts and scripts from the site only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(
        entries.map((name) => [name.replace(/\.\w+$/, ''), here(`src/entries/${name}`)]),
      ),
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
