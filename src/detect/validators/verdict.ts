/**
 * What can be said of a value without asking its provider. `valid`: a checksum or its structure proves the format;
 * `invalid`: it cannot be one; `unproven`: nothing speaks against it; `weak`: it holds a word that stands for a secret, or that
 * everybody tries first.
 */
export type Verdict = 'valid' | 'invalid' | 'unproven' | 'weak'
