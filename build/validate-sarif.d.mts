/** What Microsoft's validator says of any run of a file, as `level rule at place: message`; notes only if strict. */
export function validateSarif(file: string, options?: { strict?: boolean }): string[]
