export { createIdleMonitor } from './idle-monitor';
export { createQuotas, type Quotas } from './quotas';
export { createRateLimiter, type RateLimiter } from './rate-limiter';
