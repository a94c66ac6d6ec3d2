/**
 * Whether keys should be taken out of data last one first. V8 still knows how such an object is made, and all that reads
 * it is several times faster.
 */
export const keepsShape = true;
