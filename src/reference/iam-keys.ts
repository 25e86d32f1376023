/**
 * What condition keys say about a request. Names are lower case. Sources: the IAM User Guide, "AWS global condition context
 * keys" (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html), and "IAM and AWS STS condition
 * context keys" (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).
 */

/** Present in every signed request: that they are there restricts nobody. */
export const ALWAYS_PRESENT: ReadonlySet<string> = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:userid',
  'aws:currenttime',
  'aws:epochtime',
  'aws:securetransport',
  'aws:viaawsservice',
  'aws:principalisawsservice',
])

/** The caller writes these into the request, or chooses them with it: a pattern that takes anything restricts nobody. */
export const CHOSEN_BY_CALLER: ReadonlySet<string> = new Set([
  'iam:passedtoservice',
  'aws:useragent',
  'aws:referer',
  'sts:externalid',
  'sts:rolesessionname',
  'sts:sourceidentity',
])

/** They harden or limit a request, but say neither who calls nor on what: a grant to all stays a grant to all. */
export const NO_LIMIT: ReadonlySet<string> = new Set([
  'aws:securetransport',
  'aws:useragent',
  'aws:referer',
  'aws:viaawsservice',
  'aws:currenttime',
  'aws:epochtime',
  's3:tlsversion',
  's3:signatureversion',
])

/** A fixed value of one of these says who may call, or from which network. User names do not: every account may have that one. */
export const BIND_WHO: ReadonlySet<string> = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceowner',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:userid',
  'kms:calleraccount',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  'elasticfilesystem:accessedviamounttarget',
  'sns:endpoint',
  'lambda:eventsourcetoken',
])

/** Who somebody is: a condition that also holds without the key lets everybody past. */
export const IDENTITY_KEYS: ReadonlySet<string> = new Set([
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:username',
  'sts:externalid',
])

/** Lists that name identities: `ForAllValues` on them holds for whoever has none. */
export const IDENTITY_LISTS: ReadonlySet<string> = new Set([
  'aws:principalorgpaths',
  'aws:sourceorgpaths',
  'aws:principalservicenameslist',
])

/** Global keys that hold a list; all other global ones hold one value. */
export const LIST_KEYS: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
])
