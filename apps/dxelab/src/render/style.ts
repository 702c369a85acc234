import { createColors } from 'picocolors';

/** What a part of the output means; how that looks is decided here alone. */
export interface Style {
  heading(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warning(text: string): string;
  faint(text: string): string;
  name(text: string): string;
}

/** @param colours whether the output is a terminal that shows them */
export function createStyle(colours: boolean): Style {
  const { bold, green, red, yellow, dim, cyan } = createColors(colours);
  return {
    heading: bold,
    good: green,
    bad: (text) => red(bold(text)),
    warning: yellow,
    faint: dim,
    name: cyan,
  };
}
