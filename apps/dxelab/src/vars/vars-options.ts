/** What can be done with a store. */
export const VARS_ACTIONS = ['list', 'show', 'set', 'delete', 'create'] as const;

export type VarsAction = (typeof VARS_ACTIONS)[number];

/** The options of `dxelab vars`, as they are given: what they mean, `readOptions` knows. */
export interface VarsFlags {
  readonly vendor?: string;
  readonly attributes?: string;
  readonly hex?: boolean;
  readonly json?: boolean;
}
