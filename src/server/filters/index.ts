export { createFilteredSubscriptions, type FilteredSubscriptions } from './filtered-subscriptions';
export { problemOf, splitFunctions } from './functions';
export { createShaping, type Shaping } from './shaping';
