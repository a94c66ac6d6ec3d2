export { createSilence } from './idle-monitor';
export { createQuotas } from './quotas';
export { createRate, type Rate } from './rate-limiter';
