// How the page is built: scripts and style sheets, from which the server of the lab serves all; and
// the program with which `lab bench --client node` measures in Node, from the same sources.

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
  builder: {},
  environments: {
    // CommonJS, so that Node finds socket.io-client and ws in NODE_PATH.
    node: {
      // `import()` does not look in NODE_PATH.
      resolve: { noExternal: ["socket.io-msgpack-parser"] },
      build: {
        ssr: "src/bench/node.ts",
        outDir: "../lab/page/static/node",
        copyPublicDir: false,
        target: "node18",
        rolldownOptions: { output: { format: "cjs", entryFileNames: "bench.cjs" } },
      },
    },
  },
  // The page shows lines of the transports' servers.
  server: { fs: { allow: [".."] } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
