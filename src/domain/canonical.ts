/** Canonical JSON: keys sorted by code unit, no white space; the form that is hashed and kept. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Numbers must be safe integers: anything finer travels as decimal text. @throws RangeError otherwise. */
export const canonicalJson = (value: Json | undefined): string => {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`canonical JSON holds safe integers only, not ${value}`)
    return String(value)
  }
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const object = value as { readonly [key: string]: Json | undefined }
  const members = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`)
  return `{${members.join(',')}}`
}
