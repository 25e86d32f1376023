import packageJson from '../package.json' with { type: 'json' }

/** Version of zt-audit, from package.json. */
export const VERSION: string = packageJson.version
