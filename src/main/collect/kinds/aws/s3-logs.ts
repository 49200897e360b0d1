/**
 * Logs of AWS' own shapes as lines of the common log format, with the line itself behind: what the reader of access
 * logs takes, and by what it tells two requests of one second apart.
 */
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `2026-11-02T10:00:01.5Z` as `02/Nov/2026:10:00:01 +0000`; null where it is no such time. */
const logTime = (iso: string): string | null => {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(iso) ?? []
  const name = MONTHS[Number(month) - 1]
  return name === undefined ? null : `${day}/${name}/${year}:${time} +0000`
}

const ALB =
  /^(?:http|https|h2|grpcs|ws|wss) (\S+) \S+ (\S+) \S+ \S+ \S+ \S+ (\d{3}|-) \S+ \d+ (\d+) "(.*?)" "/

/** Fields of an entry as the guide of Application Load Balancers has them; a line that is none stays as it is. */
export const albLine = (line: string): string => {
  const [, time = '', client = '', status = '', sent = '', request = ''] = ALB.exec(line) ?? []
  const at = logTime(time)
  if (at === null) return line
  return `${client.replace(/:\d+$/, '')} - - [${at}] "${request.trim()}" ${status} ${sent} ${line}`
}

/** One reader a file: the first lines name the columns (standard logs of CloudFront, tab-separated). */
export const cloudFrontLines = (): ((line: string) => string | null) => {
  let places = new Map<string, number>()
  return (line) => {
    if (line.startsWith('#')) {
      if (line.startsWith('#Fields:'))
        places = new Map(
          line
            .slice('#Fields:'.length)
            .trim()
            .split(/\s+/)
            .map((name, index) => [name, index]),
        )
      return null
    }
    if (line === '') return null
    const cells = line.split('\t')
    const cell = (name: string) => cells[places.get(name) ?? -1] ?? '-'
    const at = logTime(`${cell('date')}T${cell('time')}`)
    if (at === null) return line
    const query = cell('cs-uri-query')
    const target = `${cell('cs-uri-stem')}${query === '-' ? '' : `?${query}`}`
    const status = /^\d{3}$/.test(cell('sc-status')) ? cell('sc-status') : '-'
    return `${cell('c-ip')} - - [${at}] "${cell('cs-method')} ${target} ${cell('cs-protocol-version')}" ${status} ${cell('sc-bytes')} ${line}`
  }
}
