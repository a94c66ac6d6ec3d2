export { type CallAllOptions, type CallOptions, createCalls, type RegisterOptions } from './calls';
