import { CAPSULE_CASES } from './cases/capsule-cases.fixture.ts';
import { DRIVER_CASES, DRIVER_UNPROVOKED } from './cases/driver-cases.fixture.ts';
import { DXE_CASES, DXE_UNPROVOKED } from './cases/dxe-cases.fixture.ts';
import { EVENT_CASES, EVENT_UNPROVOKED } from './cases/event-cases.fixture.ts';
import { IMAGE_CASES } from './cases/image-cases.fixture.ts';
import { MEMORY_CASES, MEMORY_UNPROVOKED } from './cases/memory-cases.fixture.ts';
import {
  MISCELLANEOUS_CASES,
  MISCELLANEOUS_UNPROVOKED,
} from './cases/miscellaneous-cases.fixture.ts';
import { PROTOCOL_CASES, PROTOCOL_UNPROVOKED } from './cases/protocol-cases.fixture.ts';
import { TIME_CASES, TIME_UNPROVOKED } from './cases/time-cases.fixture.ts';
import { VARIABLE_CASES, VARIABLE_UNPROVOKED } from './cases/variable-cases.fixture.ts';
import {
  VIRTUAL_MEMORY_CASES,
  VIRTUAL_MEMORY_UNPROVOKED,
} from './cases/virtual-memory-cases.fixture.ts';
import type { StatusCase, UnprovokedStatus } from './status-case.fixture.ts';

export const CASES: readonly StatusCase[] = [
  ...EVENT_CASES,
  ...MEMORY_CASES,
  ...PROTOCOL_CASES,
  ...DRIVER_CASES,
  ...IMAGE_CASES,
  ...MISCELLANEOUS_CASES,
  ...VARIABLE_CASES,
  ...TIME_CASES,
  ...VIRTUAL_MEMORY_CASES,
  ...CAPSULE_CASES,
  ...DXE_CASES,
];

export const UNPROVOKED: readonly UnprovokedStatus[] = [
  ...EVENT_UNPROVOKED,
  ...MEMORY_UNPROVOKED,
  ...PROTOCOL_UNPROVOKED,
  ...DRIVER_UNPROVOKED,
  ...MISCELLANEOUS_UNPROVOKED,
  ...VARIABLE_UNPROVOKED,
  ...TIME_UNPROVOKED,
  ...VIRTUAL_MEMORY_UNPROVOKED,
  ...DXE_UNPROVOKED,
];
