import { fileURLToPath } from 'node:url';

/** The scenario that is booted when nothing else is asked for. */
export const DEMO_SCENARIO: string = fileURLToPath(
  new URL('../demo/scenario.yaml', import.meta.url),
);
