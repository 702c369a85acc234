import { isTerminalSignal } from '@dxelab/platform';
import type { BootOutcome } from '../report/boot-report.ts';
import { StepFailed } from './run-steps.ts';

/**
 * How a boot ended, from what was thrown at its end.
 * @param culprit who was at work, if known
 */
export function outcomeOf(caught: unknown, culprit: string | undefined): BootOutcome {
  const during: Readonly<Record<string, string>> = culprit === undefined ? {} : { during: culprit };
  if (isTerminalSignal(caught)) {
    const { kind, message, details } = caught;
    // How the loader's world ended is its own doing, and nobody's fault.
    const regular = kind === 'boot-services-exited' || kind === 'handed-over';
    return { kind, message, details: regular ? details : { ...details, ...during } };
  }
  if (caught instanceof StepFailed) {
    return { kind: 'step-failed', message: caught.message, details: {} };
  }
  if (!(caught instanceof Error)) {
    return { kind: 'crashed', message: `${String(caught)} was thrown`, details: during };
  }
  const message = `${caught.name}: ${caught.message}`;
  return { kind: 'crashed', message, details: { ...during, stack: caught.stack ?? '' } };
}
