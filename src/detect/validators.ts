import { checkAzureKey } from './validators/azure.ts'
import {
  checkAgeKey,
  checkDiscordToken,
  checkGitlabToken,
  checkGrafanaToken,
  checkMacaroon,
  checkSentryToken,
} from './validators/checksums.ts'
import { checkGoogleKey } from './validators/google.ts'
import { checkEncodedJwt, checkJwt, checkJwtWithoutExpiry, checkServiceAccountToken } from './validators/jwt.ts'
import { checkDerPrivateKey, checkJwkSecret, checkPrivateKey } from './validators/keys.ts'
import {
  checkAwsKeyId,
  checkBase62Checksum,
  checkNatsSeed,
  checkTelegramBot,
  checkUserPassword,
} from './validators/tokens.ts'
import type { Verdict } from './validators/verdict.ts'

export type { Verdict } from './validators/verdict.ts'

/** An offline check that rules name in `detect.validator`. */
export interface Validator {
  /** `value` holds one byte per character. */
  check(value: string): Verdict
  /**
   * What an invalid value is: `drop`: something else; `doubt`: one that cannot be genuine, reported with low confidence
   * (it may have been altered by hand).
   */
  readonly invalid: 'drop' | 'doubt'
  /**
   * What the match is: a secret; a setting, which is shown as it stands and is another one in each file; or an aspect
   * of a secret that another rule reports as well.
   */
  readonly about: 'secret' | 'setting' | 'aspect'
}

const secret = (check: Validator['check'], invalid: Validator['invalid'] = 'drop'): Validator => ({
  check,
  invalid,
  about: 'secret',
})

export const validators: Readonly<Record<string, Validator>> = {
  'base62-crc32': secret(checkBase62Checksum, 'doubt'),
  'aws-key-id': secret(checkAwsKeyId, 'doubt'),
  'nats-seed': secret(checkNatsSeed),
  'user-password': secret(checkUserPassword),
  'telegram-bot': secret(checkTelegramBot),
  jwt: secret(checkJwt),
  'service-account-jwt': secret(checkServiceAccountToken),
  'jwt-base64': secret(checkEncodedJwt),
  'age-key': secret(checkAgeKey, 'doubt'),
  'azure-key': secret(checkAzureKey),
  'discord-token': secret(checkDiscordToken),
  'google-key': secret(checkGoogleKey),
  'gitlab-token': secret(checkGitlabToken, 'doubt'),
  'grafana-token': secret(checkGrafanaToken, 'doubt'),
  'pypi-macaroon': secret(checkMacaroon),
  'sentry-token': secret(checkSentryToken, 'doubt'),
  'jwk-secret': secret(checkJwkSecret),
  'private-key': secret(checkPrivateKey),
  'der-private-key': secret(checkDerPrivateKey),
  'jwt-without-expiry': { check: checkJwtWithoutExpiry, invalid: 'drop', about: 'aspect' },
  setting: { check: () => 'unproven', invalid: 'drop', about: 'setting' },
}
