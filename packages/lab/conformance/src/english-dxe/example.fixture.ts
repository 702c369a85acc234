import { EnglishCollation, UNICODE_LETTERS } from '@dxelab/english-dxe';

const collation = new EnglishCollation(UNICODE_LETTERS, 'en');
export const isBootLoader: boolean = collation.metaiMatch('BOOTX64.EFI', 'boot*.[ed]fi');
