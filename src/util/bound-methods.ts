/**
 * Lets the methods of a class be taken off their object, as in `const { send } = client`: the first time that one is read,
 * the object gets a bound function of its own. An object whose methods nobody reads has none, and so takes little memory.
 *
 * @param type the class; it is changed, and returned
 * @param names which of them; all by default
 */
export function withBoundMethods<T extends { readonly prototype: object }>(type: T, names?: readonly string[]): T {
  const { prototype } = type;
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'constructor' || typeof method !== 'function' || names?.includes(name) === false) continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      get() {
        const value: unknown = method.bind(this);
        Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true });
        return value;
      },
    });
  }
  return type;
}
