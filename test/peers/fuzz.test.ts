/** The fuzzing of `npm test` at length: more than 20,000 inputs. */
import { describeFuzz } from '../faults/fuzz/fuzz.ts'

describeFuzz({ texts: 20_000, valid: 4_000, files: 1_000, imports: 600 })
