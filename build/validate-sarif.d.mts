/** Results of Microsoft's validator as `level rule: message`, notes left out. */
export function validateSarif(file: string): string[]
