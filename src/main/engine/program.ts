import manifest from '../../../package.json' with { type: 'json' }

/** Name and version of the program, kept with every batch. */
export const PROGRAM = { name: 'countinghouse', version: manifest.version } as const
