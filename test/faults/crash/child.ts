/**
 * A process that does one kind of work until it is done or killed. Run with the kind, the folder of the book and the
 * folder of the files. Says on its standard output what it has reached, and ends when its standard input does.
 */
import { writeSync } from 'node:fs'
import { type Kind, WORK } from './work.ts'

const [kind = '', folder = '', files = ''] = process.argv.slice(2)
// Written at once and whole: what was said before the process died has been said.
const say = (words: string) => writeSync(1, `${words}\n`)

await WORK[kind as Kind]({ folder, files, say })
say('closed')
process.stdin.resume()
