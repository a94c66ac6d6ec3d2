import type { Anything, Sendable } from '../../protocol/index';
import { masked, OocsiError } from '../../protocol/index';

/**
 * What a validation library must offer to check data: the Standard Schema interface, which Valibot, Zod, ArkType and
 * others implement (https://standardschema.dev).
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

interface SchemaResult<Output> {
  readonly value?: Output;
  readonly issues?: readonly SchemaIssue[] | undefined;
}

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What may be given to what a schema checks. */
export type InputOf<S> = S extends StandardSchemaV1<infer Input extends object, unknown> ? Input : Sendable;

/** What a schema makes of it. */
export type OutputOf<S> = S extends StandardSchemaV1<unknown, infer Output extends object> ? Output : Anything;

/**
 * Data as a schema gives it back; as it is, without a schema.
 *
 * @throws OocsiError `invalid` when it does not fit, or when the schema needs time to tell
 */
export function conform(schema: StandardSchemaV1 | undefined, data: Anything, what: string): Anything {
  if (!schema) return data;
  const result: object = schema['~standard'].validate(data);
  // A promise has neither, and so does not fit.
  const { value, issues }: SchemaResult<unknown> = { ...result };
  if (!issues && value !== undefined) return value;
  const reasons = issues?.map(({ path = [], message }) =>
    [...path.map((part) => Object(part).key ?? part), message].join(': '),
  );
  throw new OocsiError('invalid', `The data of ${masked(what)} does not fit: ${reasons ?? 'async schema'}`);
}
