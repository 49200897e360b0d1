/** How the figures grow with the book, as a small picture: one panel a figure, books on a logarithmic scale. */
import type { Growth } from './results.ts'

const PANEL = { width: 250, height: 160, left: 50, right: 14, top: 40, bottom: 26, inset: 24 }
const COLUMNS = 3
const INK = '#1f2933'
const FAINT = '#d5dbe1'
const LINE = '#1c6fb8'

interface Panel {
  readonly title: string
  readonly figureOf: (growth: Growth) => number
}

const slowest = ({ slices }: Growth): number =>
  Math.max(...Object.values(slices.slices).map(({ p95 }) => p95))

const PANELS: readonly Panel[] = [
  { title: 'import, events a second', figureOf: ({ book }) => book.importPerSecond },
  { title: 'slowest slice, p95 in ms', figureOf: slowest },
  { title: 'start to first answer, ms', figureOf: ({ start }) => start.answeredMs },
  { title: 'verify, entries a second', figureOf: ({ verify }) => verify.perSecond },
  { title: 'disk, bytes an event', figureOf: ({ disk }) => disk.bytesPerRecord },
]

const short = (value: number): string =>
  value >= 1e6
    ? `${Number((value / 1e6).toFixed(2))}M`
    : value >= 1e3
      ? `${Number((value / 1e3).toFixed(1))}k`
      : String(Number(value.toFixed(value < 10 ? 1 : 0)))

const text = (x: number, y: number, words: string, rest = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${rest}>${words}</text>`

const panelOf = (
  { title, figureOf }: Panel,
  growth: readonly Growth[],
  column: number,
  row: number,
): string => {
  const [left, top] = [column * PANEL.width + PANEL.left, row * PANEL.height + PANEL.top]
  const width = PANEL.width - PANEL.left - PANEL.right
  const height = PANEL.height - PANEL.top - PANEL.bottom
  const events = growth.map(({ book }) => Math.log(book.events))
  const [least, most] = [Math.min(...events), Math.max(...events)]
  const highest = Math.max(...growth.map(figureOf)) * 1.15 || 1
  const points = growth.map((each, index) => {
    const share = most === least ? 0.5 : ((events[index] ?? least) - least) / (most - least)
    return {
      x: left + PANEL.inset + share * (width - 2 * PANEL.inset),
      y: top + height - (figureOf(each) / highest) * height,
      each,
    }
  })
  return [
    text(left - 36, top - 22, title, ' font-weight="600"'),
    ...[0, 0.5, 1].map((share) => {
      const y = top + height - share * height
      return `<path d="M${left} ${y.toFixed(1)}h${width}" stroke="${FAINT}"/>${text(left - 6, y + 3.5, short(highest * share), ' text-anchor="end"')}`
    }),
    `<polyline fill="none" stroke="${LINE}" stroke-width="2" points="${points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}"/>`,
    ...points.flatMap(({ x, y, each }) => [
      `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${LINE}"/>`,
      text(x, y - 7, short(figureOf(each)), ' text-anchor="middle" font-weight="600"'),
      text(x, top + height + 15, short(each.book.events), ' text-anchor="middle"'),
    ]),
  ].join('\n')
}

/** The picture; its ground is its own, so that it can be read on a dark page too. */
export const growthPlot = (growth: readonly Growth[]): string => {
  const rows = Math.ceil(PANELS.length / COLUMNS)
  const [width, height] = [COLUMNS * PANEL.width, rows * PANEL.height + 6]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="10" fill="${INK}">
<title>Growth of the figures with the number of events in the book</title>
<rect width="${width}" height="${height}" rx="6" fill="#fbfcfd"/>
${PANELS.map((panel, index) => panelOf(panel, growth, index % COLUMNS, Math.floor(index / COLUMNS))).join('\n')}
</svg>
`
}
