import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** The export condition under which a workspace package resolves to its src: tests need no build. */
const SOURCE = '@dxelab/source';

// One project for all packages: faster than one per package. In the node environment the
// conditions of `ssr` are the ones that count; both lists replace Vite's defaults.
export default defineConfig({
  resolve: { conditions: [SOURCE, ...defaultClientConditions] },
  ssr: {
    resolve: {
      conditions: [SOURCE, ...defaultServerConditions],
      externalConditions: [SOURCE, 'node', 'module-sync'],
    },
  },
  test: {
    environment: 'node',
    include: ['{packages/*/*,apps/*,tooling/*}/src/**/*.test.ts', 'tooling/*/*.test.mjs'],
    pool: 'threads',
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['{packages/*/*,apps/*}/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.fixture.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
