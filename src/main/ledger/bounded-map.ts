/** A Map that forgets its oldest keys, for what may be looked up again but must not grow with the file. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  readonly size: number
}

export const boundedMap = <Key, Value>(sizeMax: number): BoundedMap<Key, Value> => {
  const map = new Map<Key, Value>()
  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      // Setting again makes a key young, so what keeps coming is kept.
      map.delete(key)
      if (map.size >= sizeMax)
        for (const oldest of map.keys()) {
          map.delete(oldest)
          break
        }
      map.set(key, value)
    },
    get size() {
      return map.size
    },
  }
}
