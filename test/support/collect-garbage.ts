/** Garbage is collected when a test says so: what a finalizer does is then done. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Finalizers of native objects run between two turns, and some objects are only found with the second collection. */
export const collectGarbage = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
}
