/** The entry of the cube's worker thread. Until the cube is open, calls wait. */
import { serveThread, threadStart } from '../thread/serve-thread.ts'
import { openCube } from './cube.ts'
import type { CubeOptions } from './cube-file.ts'
import { cubeRouter } from './router.ts'

/** What the engine starts this thread with. */
export interface CubeThreadData {
  readonly bookDirectory: string
  readonly options?: CubeOptions | undefined
}

const { port, data } = threadStart<CubeThreadData>()
const cube = await openCube(data.bookDirectory, data.options)
serveThread(cubeRouter(cube), port, { context: {}, onClose: () => cube.close() })

export type { CubeRouter } from './router.ts'
