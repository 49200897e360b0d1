/** ClickHouse over HTTP (its documentation, "HTTP Interface" and "JSONEachRow"). */
import { SourceFailure } from '../../collector.ts'
import { isObject, parseExactJson, scalarText } from '../../files/exact-json.ts'
import { askHttp, placeOf } from '../http.ts'
import type { Asked, TextRow } from './answer.ts'
import type { SqlEngine } from './postgres.ts'

const SETTINGS = {
  // Reads only, though the settings below may still be given with the request.
  readonly: '2',
  // Whole before the first byte is sent: an error cannot come after half the rows.
  wait_end_of_query: '1',
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: '1',
  output_format_json_quote_decimals: '1',
}

/** By their codes (ClickHouse, src/Common/ErrorCodes.cpp); null of those that the HTTP status tells well enough. */
const explain =
  (place: string, timeoutMs: number) =>
  (said: string): SourceFailure | null => {
    const [, code, detail = ''] = /^Code: (\d+)\. (?:DB::Exception: )?(.*)$/.exec(said) ?? []
    const say = (text: string, retryable: boolean) => new SourceFailure(text, { retryable })
    switch (Number(code)) {
      case 159:
        return say(
          `The query took longer than ${timeoutMs / 1000} seconds and was ended at ${place}. Allow it more, or order the table by time.`,
          true,
        )
      case 164:
        return say(
          `The query would write, and is only allowed to read: ${detail} Nothing was changed.`,
          false,
        )
      case 497:
        return say(`The user may not read what the query asks for: ${detail} Grant it SELECT.`, false)
      default:
        return null
    }
  }

const timeText = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')

/**
 * Runs the query with `{{from}}` and `{{until}}` bound.
 * @throws SourceFailure, the signal's reason
 */
export const askClickHouse = async (
  { url: address, password, timeoutMs, signal }: SqlEngine,
  query: string,
  { fromMs, untilMs }: Asked,
): Promise<readonly TextRow[]> => {
  const url = new URL(address)
  const user = decodeURIComponent(url.username)
  url.username = ''
  const place = placeOf(url)
  const given = {
    ...SETTINGS,
    max_execution_time: String(Math.ceil(timeoutMs / 1000)),
    param_from: timeText(fromMs),
    param_until: timeText(untilMs),
  }
  for (const [name, value] of Object.entries(given)) url.searchParams.set(name, value)
  const bound = query
    .replaceAll('{{from}}', "{from:DateTime64(3, 'UTC')}")
    .replaceAll('{{until}}', "{until:DateTime64(3, 'UTC')}")
    .replace(/;\s*$/, '')
  const text = await askHttp({
    url,
    method: 'POST',
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...(user === '' ? {} : { 'x-clickhouse-user': user }),
      ...(password === null ? {} : { 'x-clickhouse-key': password }),
    },
    body: `${bound}\nFORMAT JSONEachRow`,
    timeoutMs: timeoutMs + 15_000,
    explain: explain(place, timeoutMs),
    signal,
  })
  if (text !== '' && !text.endsWith('\n'))
    throw new SourceFailure(`${place}: the answer ends in the middle of a row. Nothing of it was taken.`, {
      retryable: true,
    })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const json = parseExactJson(line)
      if (!isObject(json))
        throw new SourceFailure(
          `${place}: row ${index + 1} of the answer is no JSON object: ${line.slice(0, 200)}. Is it ClickHouse?`,
          { retryable: false },
        )
      return Object.fromEntries(
        Object.entries(json).map(([name, value]) => [name, scalarText(value) ?? null]),
      )
    })
}
