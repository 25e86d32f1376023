/** Where the project and its documentation live. */
export const DOCUMENTATION = 'https://github.com/zt-audit/zt-audit'
