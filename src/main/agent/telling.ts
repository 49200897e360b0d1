/** What the agent says: each trouble once, and when it is over; never a line a minute of the same. */

export interface Telling {
  readonly say: (sentence: string) => void
  /** Says what is wrong with the topic, unless it said so last, numbers aside. */
  readonly complain: (topic: string, sentence: string) => void
  readonly recover: (topic: string) => void
}

export const startTelling = (say: (sentence: string) => void): Telling => {
  const troubles = new Map<string, string>()
  return {
    say,
    complain: (topic, sentence) => {
      const kind = sentence.replace(/\d+/g, '#')
      if (troubles.get(topic) === kind) return
      troubles.set(topic, kind)
      say(`${topic}: ${sentence}`)
    },
    recover: (topic) => {
      if (troubles.delete(topic)) say(`${topic}: works again.`)
    },
  }
}
