/** One agent to a state folder: a socket in it, which the system closes with the process however that ends. */
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'

const listening = (path: string): Promise<Server> =>
  new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', fail)
    server.listen(path, () => done(server.unref()))
  })

const answers = (path: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })

/**
 * Takes the folder; false where another agent has it.
 * @throws the system's error where no socket can be made there
 */
export const takeFolder = async (folder: string): Promise<{ readonly release: () => void } | false> => {
  const path = join(folder, 'agent.sock')
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const server = await listening(path)
      return { release: () => void server.close() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (await answers(path)) return false
      // Left by an agent that was killed.
      rmSync(path, { force: true })
    }
  }
  return false
}
