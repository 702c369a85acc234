import type { BootPhase, BootReport } from '@dxelab/scenario';
import type { Style } from './style.ts';

const WORDS: Readonly<Record<BootPhase['name'], string>> = {
  machine: 'machine built and switched on',
  dispatch: 'modules dispatched',
  connect: 'devices connected',
  load: 'image loaded',
  image: 'image run',
};

/** The phases of a boot, each with its virtual and its real time; where all time is real, with that. */
export function phasesText(
  phases: readonly BootPhase[],
  clock: BootReport['clock'],
  style: Style,
): readonly string[] {
  const rows = phases.map(({ name, virtualTime, wallTime }) => ({
    word: WORDS[name],
    virtual: timeText(virtualTime),
    wall: `${wallTime.toFixed(1)} ms`,
  }));
  const widest = Math.max(0, ...rows.map(({ word }) => word.length));
  return rows.map(({ word, virtual, wall }) => {
    const times =
      clock === 'real'
        ? `${wall.padStart(10)} ${style.faint('real')}`
        : `${virtual.padStart(10)} ${style.faint(`virtual, ${wall} real`)}`;
    return `  ${word.padEnd(widest)}  ${times}`;
  });
}

/** @param nanoseconds of any time */
export function timeText(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toFixed(1)} ms`;
  return `${(nanoseconds / 1e9).toFixed(2)} s`;
}
