/** Whether a value of JSON nests objects and lists more than `limit` deep. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit < 1 || Object.values(value).some((inner) => isDeeper(inner, limit - 1));
}
