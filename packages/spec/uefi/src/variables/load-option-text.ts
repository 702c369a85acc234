import { convertDevicePathToText } from '../device-path/text/device-path-text.ts';
import type { LoadOption } from '../load-option/load-option.ts';
import {
  LOAD_OPTION_ACTIVE,
  LOAD_OPTION_CATEGORY,
  LOAD_OPTION_CATEGORY_APP,
  LOAD_OPTION_FORCE_RECONNECT,
  LOAD_OPTION_HIDDEN,
} from '../load-option/load-option.ts';

/** `"Linux" HD(1,GPT,…)/\EFI\linux.efi`, and behind it what is unusual: that it is inactive, its optional data. */
export function convertLoadOptionToText(option: LoadOption): string {
  const { description, filePathList, optionalData } = option;
  const [path = '', ...others] = filePathList.map((each) => convertDevicePathToText(each));
  const data = optionalData.length === 0 ? [] : [`optional data: ${optionalData.length} bytes`];
  const more = others.map((each) => `another path: ${each}`);
  const notes = [...loadOptionNotes(option), ...more, ...data];
  return `"${description}" ${path}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** What a load option's attributes say that not every option's do. */
export function loadOptionNotes({ attributes }: Pick<LoadOption, 'attributes'>): readonly string[] {
  const has = (bit: number): boolean => (attributes & bit) !== 0;
  const category = attributes & LOAD_OPTION_CATEGORY;
  return [
    ...(has(LOAD_OPTION_ACTIVE) ? [] : ['inactive']),
    ...(has(LOAD_OPTION_HIDDEN) ? ['hidden'] : []),
    ...(has(LOAD_OPTION_FORCE_RECONNECT) ? ['reconnects all drivers'] : []),
    ...(category === 0 ? [] : [categoryText(category)]),
  ];
}

function categoryText(category: number): string {
  return category === LOAD_OPTION_CATEGORY_APP
    ? 'application'
    : `category 0x${category.toString(16)}`;
}
