export function compileIamData(): string
