import { accountOfKeyId } from '../../detect/validators/tokens.ts'

/**
 * Accounts that hand out AWS keys as tripwires: canarytokens.org, and services that copy it. Whoever uses such a key sets off an
 * alarm. Researched by Truffle Security (https://trufflesecurity.com/blog/canaries) and MongoDB's Kingfisher; the number is
 * in the key's id, so that nobody has to be asked.
 */
const CANARY_ACCOUNTS: ReadonlySet<number> = new Set([
  // canarytokens.org (Thinkst)
  52_310_077_262, 171_436_882_533, 266_735_846_894, 528_757_803_018, 534_261_010_715, 538_784_191_382, 595_918_472_158,
  717_712_589_309, 729_780_141_977, 730_335_385_048, 819_147_034_852, 893_192_397_702, 992_382_622_183,
  // the like
  44_858_866_125, 251_535_659_677, 344_043_088_457, 351_906_852_752, 390_477_818_340, 426_127_672_474, 427_150_556_519,
  439_872_796_651, 445_142_720_921, 465_867_158_099, 637_958_123_769, 693_412_236_332, 732_624_840_810, 735_421_457_923,
  959_235_150_393, 982_842_642_351,
])

/** Whether an AWS access key id belongs to an account that is known for tripwires. */
export function isCanary(keyId: string): boolean {
  const account = accountOfKeyId(keyId)
  return account !== undefined && CANARY_ACCOUNTS.has(account)
}
