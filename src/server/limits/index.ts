export { createIdleMonitor } from './idle-monitor';
export { createQuotas } from './quotas';
export { createRateLimiter, type RateLimiter } from './rate-limiter';
