import type { BootPhaseName } from '@dxelab/scenario';

/** What is going on, so that it can stand behind `while`. */
const WORDS: Readonly<Record<BootPhaseName, string>> = {
  machine: 'switching the machine on',
  dispatch: 'dispatching modules',
  connect: 'connecting devices',
  load: 'looking for what to boot',
  image: 'running the image',
};
const BY_PHASE: ReadonlyMap<string, string> = new Map(Object.entries(WORDS));

/** @param step a phase of a boot, of one on a machine (`qemu: connect`), or other words, which stay as they are */
export function progressText(step: string): string {
  const [first = '', phase] = step.split(': ');
  if (phase === undefined) return BY_PHASE.get(first) ?? first;
  return `${BY_PHASE.get(phase) ?? phase} on ${first}`;
}
