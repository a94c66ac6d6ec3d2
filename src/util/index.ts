export { type AddressGroup, groupsOf } from './address-groups';
export { withBoundMethods } from './bound-methods';
export { type Clock, systemClock } from './clock';
export { isDeeper, isObject, kindOf, stableText } from './json';
export {
  type BindOptions,
  checkListener,
  checkSignal,
  type Failed,
  Listeners,
  type ListenOptions,
  type OwnOptions,
  oneByOne,
  reasonOf,
  type Unsubscribe,
  unsubscriber,
} from './listeners';
export { nearestName } from './nearest-name';
export { OwnedMap } from './owned-map';
export { printable } from './printable';
export { afterHearing, wasHeldUp } from './stall-tolerance';
export { createTicker, type Ticker } from './ticker';
export { checkNumbers, checkOptions, checkWord, refuse, refuseUnknown, shown } from './validate';
