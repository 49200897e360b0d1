/** Ids that people may keep or overwrite. */

/** Longer ids are taken too, but nobody reads them in an invoice's number. */
const PROPOSED_LENGTH_MAX = 48

const slugOf = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_.:@]+/gu, '-')
    .slice(0, PROPOSED_LENGTH_MAX)
    .replace(/^-+|-+$/g, '')

/**
 * An id made from a name, in lower case with hyphens, numbered from 2 where it is taken: `Umbra Labs` becomes
 * `umbra-labs`, then `umbra-labs-2`. Empty where the name holds no letter or digit.
 */
export const proposeId = (name: string, taken: Iterable<string>): string => {
  const slug = slugOf(name)
  if (slug === '') return ''
  const known = new Set(taken)
  if (!known.has(slug)) return slug
  let count = 2
  while (known.has(`${slug}-${count}`)) count += 1
  return `${slug}-${count}`
}
