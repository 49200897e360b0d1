/** A few thousand inputs at every test run; all of them in test/peers/fuzz.test.ts. */
import { describeFuzz } from './fuzz.ts'

describeFuzz({ texts: 2_400, valid: 400, files: 160, imports: 80 })
