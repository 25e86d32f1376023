/**
 * What can be said of a value without asking its provider. `valid`: a checksum or its structure proves the format;
 * `invalid`: it cannot be one; `example`: the value of a specification or of documentation, which opens nothing; `weak`: it
 * holds a word that stands for a secret, or that everybody tries first; `unproven`: nothing speaks against it.
 */
export type Verdict = 'valid' | 'invalid' | 'example' | 'weak' | 'unproven'
