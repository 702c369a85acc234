#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { isBundleFresh } from './bundle-state.js';

// Node 22 and later keep what they have compiled for the next time.
nodeModule.enableCompileCache?.();

// In a clone, the modules themselves may be newer than what `npm run build` has made of them.
await import(isBundleFresh() ? '../bundle/main.js' : '../dist/main.js');
