import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The server's policy allows no data: scripts or fonts, and one rule is easier to keep than a list of exceptions.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
