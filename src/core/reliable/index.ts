export { createAcks } from './acks';
export { keepOrder } from './order';
