/**
 * Exports of Azure Cost Management: `<folder>/<export>/<period>/<time or run>/…/manifest.json` beside its partitions.
 * The order of the folders differs between versions of the exports, so each is known by what it looks like. Fields of
 * the manifest as "How data is processed in FinOps hubs" (learn.microsoft.com) has them.
 */
import { z } from 'zod'
import { SourceFailure } from '../../collector.ts'
import { type ExportLayout, folderOf } from '../objects/exports.ts'

const manifestSchema = z.object({
  exportConfig: z.object({ type: z.string().optional() }).optional(),
  blobs: z.array(z.object({ blobName: z.string(), byteCount: z.number().optional() })),
})

/** First and last day of what a run is of. */
const PERIOD = /^(\d{4})(\d\d)(\d\d)-(\d{4})(\d\d)(\d\d)$/
/** Time of a run, and its id. */
const RUN = /^(?:\d{12}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i

/** `2026-11` where the days are exactly that month; null where they are a part of one, or more. */
const wholeMonth = (folder: string): string | null => {
  const [, year, month, first, lastYear, lastMonth, last] = PERIOD.exec(folder) ?? []
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  const isWhole = first === '01' && lastYear === year && lastMonth === month && Number(last) === days
  return isWhole ? `${year}-${month}` : null
}

const foldersOf = (key: string): readonly string[] => folderOf(key).split('/').slice(0, -1)

export const AZURE_EXPORTS: ExportLayout = {
  provider: 'Azure',
  manifestName: /(?:^|\/)_?manifest\.json$/i,
  firstDelivery:
    'Give the directory that the export writes to as the prefix, make the export with file partitioning, which writes manifests, and run it.',
  placeOf: (key) => {
    const folders = foldersOf(key)
    const period = folders.find((folder) => PERIOD.test(folder))
    if (period === undefined) return { of: folderOf(key), period: folderOf(key), hasPeriod: false }
    return {
      of: folders.filter((folder) => !PERIOD.test(folder) && !RUN.test(folder)).join('/'),
      period: wholeMonth(period) ?? period,
      hasPeriod: true,
    }
  },
  filesOf: (key, json) => {
    const refuse = (why: string) => new SourceFailure(`${key} ${why}`, { retryable: false })
    const read = manifestSchema.safeParse(json)
    if (!read.success)
      throw refuse('is no manifest of a Cost Management export: it lists no blobs. Nothing of it was read.')
    const { blobs, exportConfig } = read.data
    const type = exportConfig?.type
    if (type !== undefined && type !== 'FocusCost')
      throw refuse(
        `is of an export of ${type}, which is not read. Make one of “Cost and usage details (FOCUS)” in Cost Management.`,
      )
    const period = foldersOf(key).find((folder) => PERIOD.test(folder))
    if (period !== undefined && wholeMonth(period) === null)
      throw refuse(
        `is of ${period}, which is not exactly one month: as a bill it would take the rest of a month away, so it was left out. Export month by month, and move that run out of the prefix.`,
      )
    return blobs.map(({ blobName, byteCount }) => ({
      key: blobName.replace(/^\//, ''),
      // What the count is of where a file is packed is documented nowhere.
      bytesMin: /\.csv$/i.test(blobName) ? (byteCount ?? null) : null,
    }))
  },
  focusOf: () => null,
}
