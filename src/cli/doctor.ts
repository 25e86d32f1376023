export async function doctor(_path: string, _options: object): Promise<void> {}
