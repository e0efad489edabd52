// How the page is built: scripts and style sheets, from which the server of the lab serves all.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../lab/page/static",
    emptyOutDir: true,
    target: "es2022",
    // The page's Content-Security-Policy has no data: URLs in it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The page, and the one that `lab bench --client browser` measures in.
    rolldownOptions: { input: ["index.html", "bench.html"], checks: { pluginTimings: false } },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
