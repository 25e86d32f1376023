import { iamStatement } from '../../facts/iam.ts'
import type { Gap } from '../../model.ts'
import type { SourceFile } from '../../sources/source-file.ts'

/**
 * Types of resources with which other clouds give rights. No rule reads whom they give what: Google's are followed only where they
 * lead out of a Kubernetes cluster.
 */
const GIVES_RIGHTS: readonly string[] = [
  'google_\\w+_iam_(?:binding|member|policy|custom_role)',
  'google_\\w+_(?:access_control|acl)',
  'azurerm_(?:pim_\\w+_)?role_(?:assignment|definition)',
  'azurerm_\\w+_access_policy',
  'azuread_\\w*role\\w*',
  'alicloud_ram_\\w*(?:policy|role|attachment)\\w*',
  'oci_identity_policy',
  'ibm_iam_\\w*(?:policy|role)\\w*',
  'tencentcloud_cam_\\w*(?:policy|role)\\w*',
  'huaweicloud_identity_\\w*(?:policy|role)\\w*',
  'yandex_\\w+_iam_(?:binding|member)',
]

/** In Terraform's own syntax at the beginning of a line, so that one in a comment is none; in JSON the key of an object. */
const RESOURCES = new RegExp(
  `^[ \\t]*resource[ \\t]+"(${GIVES_RIGHTS.join('|')})"|"(${GIVES_RIGHTS.join('|')})"\\s*:\\s*[{[]`,
  'gm',
)
const MAX_NAMED = 6

/** What the Terraform of a tree gives to people and programs in clouds that are not judged: told once, at the first of them. */
export class OtherClouds {
  readonly #counts = new Map<string, number>()
  #first: { source: SourceFile; offset: number } | undefined

  read(source: SourceFile): void {
    for (const match of source.text.matchAll(RESOURCES)) {
      const type = match[1] ?? match[2] ?? ''
      this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1)
      this.#first ??= { source, offset: match.index + match[0].indexOf(type) }
    }
  }

  *gaps(): Generator<Gap> {
    if (!this.#first) return
    const { source, offset } = this.#first
    const types = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => `${count} ${type}`)
    const more = types.length > MAX_NAMED ? ` and ${types.length - MAX_NAMED} more types` : ''
    const sum = [...this.#counts.values()].reduce((a, b) => a + b, 0)
    const detail = `${types.slice(0, MAX_NAMED).join(', ')}${more} ${sum === 1 ? 'is' : 'are'} not judged`
    yield source.gap({ kind: iamStatement.kind, class: 'limit', reason: 'Terraform of other clouds', detail, offset })
  }
}
