/**
 * Gives the memory of arrays back at once; they must not be used again. Left to the garbage collector, which hardly sees
 * what they take, arrays of 64 MB and more gather in a thread before it looks. What lies in the pool that small buffers
 * share is left alone.
 */
export const letGo = (...arrays: readonly ArrayBufferView[]): void => {
  for (const array of arrays) {
    const { buffer } = array
    const isShared = Buffer.isBuffer(array) && buffer.byteLength === Buffer.poolSize
    if (buffer instanceof ArrayBuffer && !isShared) buffer.transfer(0)
  }
}

/**
 * Room for so many bytes however badly they compress: what zlib gives in one piece is a buffer of its own, which can be
 * let go, instead of many that the collector has to find. What is not written into takes no memory.
 */
export const inOnePiece = (bytes: number): number => bytes + (bytes >>> 8) + 16_384
