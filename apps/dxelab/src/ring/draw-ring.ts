import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueSummary, RingPicture, RingStory, RingTextOptions } from '@dxelab/ring';
import { ringSvg, ringText } from '@dxelab/ring';
import type { RingReport } from '../run/messages.ts';
import type { RingOptions } from './ring-options.ts';

/** What is to be printed; or why nothing can be. */
export type Drawn = { readonly text: string } | { readonly problem: string };

/** How files of a format end. */
const SUFFIXES = { text: 'txt', svg: 'svg', json: 'json' } as const;

/** Draws what was asked for: to be printed, or into files whose names are printed. */
export function drawRing(
  { queues, story }: RingReport,
  { format, output }: Pick<RingOptions, 'format' | 'output'>,
  look: RingTextOptions,
): Drawn {
  if (story === undefined) {
    return { text: format === 'json' ? jsonText({ queues }) : listText(queues, look) };
  }
  // a file is no terminal
  const draw = (picture: RingPicture): string =>
    drawPicture(picture, format, output === undefined ? look : {});
  if (output !== undefined) return writeFiles(story, output, SUFFIXES[format], draw);
  if (format === 'json') return { text: jsonText({ queues, ...story }) };
  if (format === 'svg' && story.pictures.length > 1) {
    return { problem: 'several pictures do not go into one SVG: --output names a folder for them' };
  }
  const pictures = story.pictures.map(draw);
  if (format === 'svg') return { text: pictures.join('') };
  return { text: [...pictures, ...stepsText(story, look)].join('\n') };
}

function drawPicture(
  picture: RingPicture,
  format: RingOptions['format'],
  look: RingTextOptions,
): string {
  switch (format) {
    case 'svg':
      return ringSvg(picture);
    case 'json':
      return jsonText(picture);
    case 'text':
    default:
      return ringText(picture, look);
  }
}

function writeFiles(
  { device, queue, request, steps, pictures }: RingStory,
  folder: string,
  suffix: string,
  draw: (picture: RingPicture) => string,
): Drawn {
  const digits = String(steps.length).length;
  const name = `${device.replaceAll(/[^a-z0-9]+/giu, '-')}-queue-${queue}-request-${request}`;
  try {
    mkdirSync(folder, { recursive: true });
    const paths = pictures.map((picture) => {
      const step = String(picture.step.number).padStart(digits, '0');
      const path = join(folder, `${name}-step-${step}.${suffix}`);
      writeFileSync(path, draw(picture));
      return path;
    });
    return { text: `${paths.join('\n')}\n` };
  } catch (caught) {
    if (caught instanceof Error && 'code' in caught)
      return { problem: `--output: ${caught.message}` };
    throw caught;
  }
}

/** One picture of several: which others there are. */
function stepsText({ steps, pictures }: RingStory, { style }: RingTextOptions): readonly string[] {
  const [shown] = pictures;
  if (pictures.length !== 1 || shown === undefined) return [];
  const digits = String(steps.length).length;
  const lines = steps.map(({ number, caption }) => {
    const line = `  ${String(number).padStart(digits)}  ${caption}`;
    return number === shown.step.number ? (style?.name(line) ?? line) : line;
  });
  const heading = 'Steps (--step, --all)';
  return [`${style?.heading(heading) ?? heading}\n${lines.join('\n')}\n`];
}

function listText(queues: readonly QueueSummary[], { style }: RingTextOptions): string {
  if (queues.length === 0) return 'No driver has set up a virtqueue in this run.\n';
  const lines = queues.map(({ device, queue, requests }) => {
    const name = style?.name(device) ?? device;
    return `${name}  queue ${queue}  ${requests === 1 ? '1 request' : `${requests} requests`}`;
  });
  return `${lines.join('\n')}\n`;
}

/** As JSON; an address of 64 bits is a text in hexadecimal there, for JSON's numbers end before it. */
function jsonText(data: unknown): string {
  const text = JSON.stringify(
    data,
    (_key, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
    2,
  );
  return `${text}\n`;
}
