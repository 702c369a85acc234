export * from './bds-dxe.ts';
export * from './boot-option.ts';
export * from './short-form/match-hard-drive.ts';
export * from './short-form/match-http-boot.ts';
export * from './short-form/match-usb.ts';
export * from './short-form/short-form.ts';
