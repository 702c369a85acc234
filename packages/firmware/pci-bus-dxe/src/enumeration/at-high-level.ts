import type { EfiBootServices } from '@dxelab/uefi';
import { TPL_HIGH_LEVEL } from '@dxelab/uefi';
import type { FunctionConfig } from './function-config.ts';

/** What finding out about registers needs of the boot services. */
export type TplServices = Pick<EfiBootServices, 'raiseTpl' | 'restoreTpl'>;

/** Runs `body` so that nobody comes between: for registers that do not hold for a moment what they should. */
export function atHighLevel<Result>(bs: TplServices, body: () => Result): Result {
  const oldTpl = bs.raiseTpl(TPL_HIGH_LEVEL);
  try {
    return body();
  } finally {
    bs.restoreTpl(oldTpl);
  }
}

/** What a register holds after bits of it were set; it is left as it was. Only at TPL_HIGH_LEVEL. */
export function answerTo(
  config: FunctionConfig,
  width: 0 | 1 | 2,
  register: number,
  bits: number,
): number {
  const value = config.read(width, register);
  config.write(width, register, (value | bits) >>> 0);
  const answer = config.read(width, register);
  config.write(width, register, value);
  return answer;
}
