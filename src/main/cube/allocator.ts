/**
 * Bounds what DuckDB's allocator keeps of memory that queries have given back: a quarter of a second of it instead of
 * ten, which of a few queries in turn is as much again as they are allowed. Without any delay a query takes a quarter more
 * time. To be called in the first thread of the process, before DuckDB is loaded: others have an environment of their own.
 */
export const boundAllocator = (environment: NodeJS.ProcessEnv): void => {
  environment.DUCKDB_JE_MALLOC_CONF ??= 'dirty_decay_ms:250,muzzy_decay_ms:0'
}
