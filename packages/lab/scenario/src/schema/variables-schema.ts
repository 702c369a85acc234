import {
  convertTextToVariable,
  convertTextToVariableAttributes,
  EFI_GLOBAL_VARIABLE,
  EFI_VARIABLE_NON_VOLATILE,
  guid,
  isEfiFailure,
  loadOptionName,
  readKeyOption,
  sealKeyOption,
  variableTextExpected,
  type Guid,
} from '@dxelab/uefi';
import type { NonVolatileStorage } from '@dxelab/variable-runtime-dxe';
import * as z from 'zod';
import type { VariableData, VariablesData } from '../scenario.ts';
import { bytesOfHex } from '../units/hex.ts';
import type { VariableInput, VariablesInput } from '../variables-input.ts';
import { live } from './live.ts';
import { mapping } from './mapping.ts';
import { text, yesOrNo } from './scalars.ts';

const VENDOR_EXPECTED = 'a GUID such as 8be4df61-93ca-11d2-aa0d-00e098032b8c';
const DATA_EXPECTED = "bytes in hexadecimal such as '01 ff'";
const ATTRIBUTES_EXPECTED = 'attributes of what lasts such as NV,BS,RT';

/** Whose a variable is. */
export const vendorSchema: z.ZodType<Guid, string | undefined> = z
  .string({ error: `expected ${VENDOR_EXPECTED}` })
  .regex(/^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/u, {
    error: `expected ${VENDOR_EXPECTED}`,
  })
  .default(EFI_GLOBAL_VARIABLE)
  .transform((vendor) => guid(vendor))
  .meta({ description: "a GUID; without it, the specification's own" });

/** Bytes, from hexadecimal digits. */
export const bytesSchema: z.ZodType<Uint8Array, string> = z
  .string({ error: `expected ${DATA_EXPECTED}` })
  .regex(/^\s*(?:[\da-fA-F]{2}\s*)+$/u, { error: `expected ${DATA_EXPECTED}` })
  .transform(bytesOfHex);

const attributesSchema: z.ZodType<number, string | undefined> = text(ATTRIBUTES_EXPECTED)
  .default('NV,BS,RT')
  .transform((names, context) => {
    const attributes = convertTextToVariableAttributes(names) ?? 0;
    if ((attributes & EFI_VARIABLE_NON_VOLATILE) !== 0) return attributes;
    context.addIssue({ code: 'custom', message: `expected ${ATTRIBUTES_EXPECTED}` });
    return z.NEVER;
  });

const variableSchema: z.ZodType<VariableData, VariableInput> = mapping(
  'a variable such as { name: Timeout, value: 5 }',
  {
    name: text('the name of a variable'),
    vendor: vendorSchema,
    attributes: attributesSchema,
    value: z
      .union([text('a value'), z.int()], { error: 'expected a text or a number' })
      .optional()
      .meta({ description: 'of a variable of the specification, as dxelab vars shows it' }),
    data: bytesSchema.optional().meta({ description: 'bytes in hexadecimal, two digits each' }),
  },
).transform(({ name, vendor, attributes, value, data: bytes }, context) => {
  const data = bytes ?? (value === undefined ? undefined : dataOf(name, vendor, String(value)));
  if (data instanceof Uint8Array && (bytes === undefined || value === undefined)) {
    return { name, vendor, attributes, data };
  }
  const message = typeof data === 'string' ? data : 'expected either a value or data';
  const path = typeof data === 'string' ? ['value'] : [];
  context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
});

const KEY_NAME = /^Key[0-9A-F]{4}$/u;
const EXPECTED =
  'the path of a store such as OVMF_VARS.fd, { file, writable }, or a list of variables';

export const variablesSchema: z.ZodType<VariablesData, VariablesInput> = z
  .union(
    [
      text('the path of a store').transform((file) => ({ file, writable: false })),
      mapping('a store such as { file: OVMF_VARS.fd, writable: true }', {
        file: text('the path of a store'),
        writable: yesOrNo
          .default(false)
          .meta({ description: 'whether what firmware writes goes to the file itself' }),
      }),
      z.array(variableSchema).transform(sealHotKeys),
      live(isStorage),
    ],
    { error: `expected ${EXPECTED}` },
  )
  .meta({ description: 'UEFI variables that are there when the machine is switched on' });

/** The data of a value, or why it has none. */
function dataOf(name: string, vendor: Guid, value: string): Uint8Array | string {
  const expected = variableTextExpected(name, vendor);
  if (expected === undefined) return `what ${name} means is not known: expected data in its place`;
  try {
    return convertTextToVariable(name, vendor, value) ?? `expected ${expected}`;
  } catch (caught) {
    if (isEfiFailure(caught)) return caught.message;
    throw caught;
  }
}

/** A hot key that was written as text is one of the boot option that is in the list, whatever that says. */
function sealHotKeys(
  variables: readonly VariableData[],
  context: z.RefinementCtx,
): readonly VariableData[] {
  return variables.map((variable, index) => {
    const isKey = variable.vendor === EFI_GLOBAL_VARIABLE && KEY_NAME.test(variable.name);
    const key = isKey ? readKeyOption(variable.data).value : undefined;
    if (key?.bootOptionCrc !== 0) return variable;
    const wanted = loadOptionName('Boot', key.bootOption);
    const option = variables.find(
      ({ name, vendor }) => vendor === EFI_GLOBAL_VARIABLE && name === wanted,
    );
    if (option !== undefined) {
      return { ...variable, data: sealKeyOption(variable.data, option.data) };
    }
    const message = `${variable.name} is to boot ${wanted}, which is not in this list`;
    context.addIssue({ code: 'custom', message, path: [index, 'value'] });
    return variable;
  });
}

function isStorage(value: unknown): value is NonVolatileStorage {
  return typeof value === 'object' && value !== null && 'read' in value && 'write' in value;
}
