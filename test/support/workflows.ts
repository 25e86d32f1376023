import type { Report } from '../../src/report.ts'
import { Folder } from './repository.ts'

/** A repository at GitHub, acme/shop unless named otherwise, with one workflow that logs in to AWS. */
export function deployingRepository(options: {
  readonly role: string
  readonly on?: string
  readonly job?: string
  readonly steps?: string
  readonly files?: Readonly<Record<string, string>>
  readonly remote?: string
}): Folder {
  const { role, on = '{ push: { branches: [main] } }', job = '', steps = '', files = {} } = options
  const folder = new Folder()
  folder.git('init', '--quiet')
  if (options.remote !== '') folder.git('remote', 'add', 'origin', options.remote ?? 'git@github.com:acme/shop.git')
  folder.commit({
    '.github/workflows/deploy.yml': `name: Deploy
on: ${on}
permissions: { id-token: write, contents: read }
jobs:
  deploy:
    runs-on: ubuntu-latest
    ${job}
    steps:
      ${steps}
      - uses: aws-actions/configure-aws-credentials@v5
        with: { role-to-assume: "${role}", aws-region: eu-west-1 }
`,
    ...files,
  })
  return folder
}

/** A role of Terraform that is administrator and takes tokens of one subject. */
export function terraformRole(
  subject: string,
  policy = 'arn:aws:iam::aws:policy/AdministratorAccess',
  issuer = 'token.actions.githubusercontent.com',
): string {
  return `
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${issuer}"
  client_id_list = ["sts.amazonaws.com"]
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringLike"
      variable = "${issuer}:sub"
      values   = ["${subject}"]
    }
  }
}
resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.deploy.name
  policy_arn = "${policy}"
}
`
}

/** What was found, in a line each. */
export function foundIn({ findings }: Pick<Report, 'findings'>): string[] {
  return findings.map(({ rule, severity, message }) => `${severity} ${rule.id}: ${message}`).sort()
}
