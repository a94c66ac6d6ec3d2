export { createVirtualClock, type VirtualClock } from '../../src/testing/virtual-clock';
