export { type CallAllOptions, type CallOptions, createCalls, type RegisterOptions } from './calls';
export type { AnyResponder } from './responders';
