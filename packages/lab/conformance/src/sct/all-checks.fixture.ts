import { CONNECT_CHECKS } from './checks/connect-checks.fixture.ts';
import { EVENT_CHECKS } from './checks/event-checks.fixture.ts';
import { IMAGE_CHECKS } from './checks/image-checks.fixture.ts';
import { INSTALL_CHECKS } from './checks/install-checks.fixture.ts';
import { LOCATE_CHECKS } from './checks/locate-checks.fixture.ts';
import { MEMORY_CHECKS } from './checks/memory-checks.fixture.ts';
import { MISCELLANEOUS_CHECKS } from './checks/miscellaneous-checks.fixture.ts';
import { OPEN_CHECKS } from './checks/open-checks.fixture.ts';
import { TIME_CHECKS } from './checks/time-checks.fixture.ts';
import { VARIABLE_CHECKS } from './checks/variable-checks.fixture.ts';
import type { SctCheck } from './sct-check.fixture.ts';

/** Every check, in the order of the chapters of UEFI. */
export const CHECKS: readonly SctCheck[] = [
  ...EVENT_CHECKS,
  ...MEMORY_CHECKS,
  ...INSTALL_CHECKS,
  ...LOCATE_CHECKS,
  ...OPEN_CHECKS,
  ...CONNECT_CHECKS,
  ...IMAGE_CHECKS,
  ...MISCELLANEOUS_CHECKS,
  ...VARIABLE_CHECKS,
  ...TIME_CHECKS,
];
