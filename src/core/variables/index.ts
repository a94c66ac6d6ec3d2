export type { NumericOptions } from './bounds';
export type { Origin, Variable, VariableOptions } from './variable';
export { createVariables } from './variables';
