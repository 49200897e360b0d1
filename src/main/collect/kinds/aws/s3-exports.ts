/** AWS Data Exports (CUR 2.0 and FOCUS, CSV and Parquet): `<export>/data/BILLING_PERIOD=…` and `<export>/metadata/…`. */
import { z } from 'zod'
import { SourceFailure } from '../../collector.ts'
import { type ExportLayout, folderOf } from '../objects/exports.ts'
import { CUR_HEADER, focusOfCur } from './cur-rows.ts'

const manifestSchema = z.object({
  dataFiles: z.array(z.string()).optional(),
  reportKeys: z.array(z.string()).optional(),
})

const PERIOD = /(?:^|\/)(BILLING_PERIOD=\d{4}-\d\d)\//i

const keyOf = (name: string): string => name.replace(/^s3:\/\/[^/]+\//, '')

export const AWS_EXPORTS: ExportLayout = {
  provider: 'AWS',
  manifestName: /manifest\.json$/i,
  firstDelivery:
    'The first delivery of an export takes up to 24 hours; give the folder that holds data and metadata as the prefix.',
  placeOf: (key) => {
    const period = PERIOD.exec(key)
    return period === null
      ? { of: folderOf(key), period: folderOf(key), hasPeriod: false }
      : { of: key.slice(0, period.index), period: period[1] ?? '', hasPeriod: true }
  },
  filesOf: (key, json) => {
    const read = manifestSchema.safeParse(json)
    const names = read.success ? (read.data.dataFiles ?? read.data.reportKeys) : undefined
    if (names === undefined)
      throw new SourceFailure(
        `${key} is no manifest of an AWS data export: it lists no dataFiles. Nothing of it was read.`,
        { retryable: false },
      )
    return names.map((name) => ({ key: keyOf(name), bytesMin: null }))
  },
  focusOf: (header) => {
    if (!header.includes('line_item_unblended_cost')) return null
    const places = new Map(header.map((column, index) => [column, index]))
    return {
      header: CUR_HEADER,
      row: (cells) => focusOfCur((column) => cells[places.get(column) ?? -1] ?? ''),
    }
  },
}
