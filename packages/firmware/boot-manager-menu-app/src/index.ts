export * from './boot-manager-menu-app.ts';
