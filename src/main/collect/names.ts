/** Numbers for names that repeat: given by the one who reads, kept by the one who takes. */
import type { NewNames } from './chunk.ts'

/** More names than this are forgotten, and numbered from 0 again. */
const NAMES_MAX = 65_536

export interface Numbering<Name> {
  numberOf(key: string, name: () => Name): number
  /** The names since the last call. Numbers of a chunk must all be taken before the next begins. */
  take(): NewNames<Name>
  /** Whether names should be taken before more of them come. */
  readonly isFull: boolean
  /** How often numbers have begun anew. */
  readonly beginnings: number
}

export const numbering = <Name>(): Numbering<Name> => {
  let numbers = new Map<string, number>()
  let fresh: Name[] = []
  let afresh = true
  let beginnings = 0
  return {
    numberOf: (key, name) => {
      let number = numbers.get(key)
      if (number === undefined) {
        number = numbers.size
        numbers.set(key, number)
        fresh.push(name())
      }
      return number
    },
    take: () => {
      const taken = { afresh, names: fresh }
      fresh = []
      afresh = numbers.size >= NAMES_MAX
      if (afresh) {
        numbers = new Map()
        beginnings++
      }
      return taken
    },
    get isFull() {
      return numbers.size >= NAMES_MAX
    },
    get beginnings() {
      return beginnings
    },
  }
}

/** What numbers of chunks stand for, resolved once each and only when an entry needs it. */
export const resolving = <Name>(resolve: (name: Name) => number) => {
  let names: Name[] = []
  let resolved: number[] = []
  return {
    learn: (news: NewNames<Name>): void => {
      if (news.afresh) {
        names = []
        resolved = []
      }
      for (const name of news.names) names.push(name)
    },
    nameOf: (number: number): Name => {
      const name = names[number]
      if (name === undefined) throw new Error(`the reading uses a name ${number} that it never gave`)
      return name
    },
    of(number: number): number {
      let found = resolved[number]
      if (found === undefined) {
        found = resolve(this.nameOf(number))
        resolved[number] = found
      }
      return found
    },
  }
}
