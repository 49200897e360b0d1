/** The little that this room needs on top of @duckdb/node-api: bound values, rows, columns, a pool of readers. */
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'

/** Rows of one vector; a data chunk cannot hold more. */
export const VECTOR_ROWS = 2048

/** Values of a statement: `bind` keeps the value and gives the placeholder to write into the SQL. */
export const bindings = () => {
  const values: DuckDBValue[] = []
  return {
    values,
    bind: (value: DuckDBValue): string => `$${values.push(value)}`,
  }
}
export type Bindings = ReturnType<typeof bindings>

/** Runs a statement and returns its rows as arrays of values. */
export const readRows = async <Row extends readonly unknown[]>(
  connection: DuckDBConnection,
  sql: string,
  values?: DuckDBValue[],
): Promise<Row[]> => {
  const reader = await connection.runAndReadAll(sql, values?.length ? values : undefined)
  return reader.getRows() as unknown as Row[]
}

/**
 * Runs a statement and visits its rows, in order: a value that the visitor does not keep is let go with its chunk. Of ten
 * thousands of rows kept as arrays, half the time would go to collecting them.
 * @param visit `valueAt` gives the value of a column, and holds for this row only
 */
export const visitRows = async (
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
  visit: (valueAt: (column: number) => DuckDBValue) => void,
): Promise<void> => {
  const result = await connection.run(sql, values.length > 0 ? values : undefined)
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    const columns = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnVector(index))
    const { rowCount } = chunk
    let row = 0
    const valueAt = (column: number): DuckDBValue => columns[column]?.getItem(row) ?? null
    for (; row < rowCount; row++) visit(valueAt)
  }
}

/**
 * Runs `work` with an appender of the table, then closes it. Where either throws, what the appender still holds is let go:
 * its rows would otherwise be written when the garbage collector finds it, into whatever transaction is open by then.
 */
export const withAppender = async <T>(
  connection: DuckDBConnection,
  table: string,
  work: (appender: DuckDBAppender) => T | Promise<T>,
): Promise<T> => {
  const appender = await connection.createAppender(table)
  try {
    const result = await work(appender)
    appender.closeSync()
    return result
  } catch (error) {
    appender.clear()
    throw error
  }
}

/** Appends columns of equal length to a table, in the order of its columns. */
export const appendColumns = async (
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> => {
  const count = columns[0]?.length ?? 0
  if (count === 0) return
  await withAppender(connection, table, (appender) => {
    for (let start = 0; start < count; start += VECTOR_ROWS) {
      const chunk = DuckDBDataChunk.create(types)
      chunk.setColumns(columns.map((column) => column.slice(start, start + VECTOR_ROWS)))
      appender.appendDataChunk(chunk)
    }
  })
}

/** Runs `work` in one transaction; rolled back where it throws. */
export const inTransaction = async <T>(
  connection: DuckDBConnection,
  begin: string,
  work: () => Promise<T>,
): Promise<T> => {
  await connection.run(begin)
  try {
    const result = await work()
    await connection.run('COMMIT')
    return result
  } catch (error) {
    // The statement that failed may have ended the transaction already; its error is the one to report.
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/**
 * Readers, each with a connection of its own, so that a long query does not keep a short one waiting. Every
 * read sees one snapshot of the cube, however many statements it runs.
 */
export const readerPool = async (instance: DuckDBInstance, size: number) => {
  const connections = await Promise.all(Array.from({ length: size }, () => instance.connect()))
  const idle = [...connections]
  const waiting: ((connection: DuckDBConnection) => void)[] = []
  const running = new Map<DuckDBConnection, Promise<unknown>>()
  /** Where each connection looks names up; null for the cube alone, missing where a change of it was cut off. */
  const paths = new Map<DuckDBConnection, string | null>(connections.map((each) => [each, null]))
  const lookIn = async (connection: DuckDBConnection, searchPath: string | null) => {
    if (paths.get(connection) === searchPath) return
    paths.delete(connection)
    await connection.run(searchPath === null ? 'RESET search_path' : `SET search_path = '${searchPath}'`)
    paths.set(connection, searchPath)
  }
  let isClosed = false
  const release = (connection: DuckDBConnection) => {
    const next = waiting.shift()
    if (next === undefined) idle.push(connection)
    else next(connection)
  }
  return {
    /**
     * `searchPath`: where tables are looked up, if not in the cube alone.
     * @throws the signal's reason where it aborts; a query under way is interrupted.
     */
    read: async <T>(
      work: (connection: DuckDBConnection) => Promise<T>,
      signal?: AbortSignal,
      searchPath: string | null = null,
    ): Promise<T> => {
      signal?.throwIfAborted()
      if (isClosed) throw new Error('the cube is closed')
      const connection =
        idle.pop() ?? (await new Promise<DuckDBConnection>((resolve) => waiting.push(resolve)))
      const ended = Promise.withResolvers<void>()
      running.set(connection, ended.promise)
      const interrupt = () => connection.interrupt()
      try {
        signal?.throwIfAborted()
        if (isClosed) throw new Error('the cube is closed')
        signal?.addEventListener('abort', interrupt)
        await lookIn(connection, searchPath)
        return await inTransaction(connection, 'BEGIN TRANSACTION READ ONLY', () => work(connection))
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      } finally {
        signal?.removeEventListener('abort', interrupt)
        running.delete(connection)
        ended.resolve()
        release(connection)
      }
    },
    /** Interrupts what runs and waits for its end: DuckDB locks up where a connection is closed under a query. */
    close: async (): Promise<void> => {
      isClosed = true
      while (running.size > 0) {
        for (const connection of running.keys()) connection.interrupt()
        await Promise.race([
          Promise.all(running.values()),
          // Asked again, in case the first came between two statements of a read.
          new Promise((resolve) => setTimeout(resolve, 50)),
        ])
      }
      for (const connection of connections) connection.closeSync()
    },
  }
}
