/** An engine in a process of its own that has a book open for reading only until it is killed. Run with the book's folder. */
import { startEngine } from '../../src/main/engine/engine.ts'

await startEngine({ directory: process.argv[2] ?? '', environment: {}, readOnly: true })
process.stdout.write('open\n')
