import { defineProtocol, EfiError } from '@dxelab/uefi';
import { expect, test } from 'vitest';
import { tryLocateProtocol } from './try-locate-protocol.ts';

const AnswerProtocol = defineProtocol<unknown>('Answer', '0b0d2b8a-93a4-4f5c-9c8b-0d52a3f0a7c1');

test('LocateProtocol that finds nothing has no interface; other errors go on', () => {
  const failing = (error: Error) => ({
    locateProtocol: (): never => {
      throw error;
    },
  });
  const none = failing(new EfiError('EFI_NOT_FOUND', 'no'));
  expect(tryLocateProtocol(none, AnswerProtocol)).toBeUndefined();
  const busy = failing(new EfiError('EFI_INVALID_PARAMETER', 'no'));
  expect(() => tryLocateProtocol(busy, AnswerProtocol)).toThrow('EFI_INVALID_PARAMETER');
  expect(() => tryLocateProtocol(failing(new TypeError('a bug')), AnswerProtocol)).toThrow('a bug');
});
