/** A number that tells something of a subject, with the name that the fitted trees know it by. */
export type Feature<Subject> = readonly [name: string, of: (subject: Subject) => number]

/** A flag as a number. */
export const flag = (holds: boolean): number => (holds ? 1 : 0)
