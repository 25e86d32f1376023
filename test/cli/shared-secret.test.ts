import { describe, expect, it } from 'vitest'
import { folderWith, git, randomText, run } from '../support/program.ts'

const RULE = 'chain/shared-secret'

interface Found {
  readonly ruleId: string
  readonly message: string
  readonly fingerprint: string
  readonly location: object
}

async function audit(...args: string[]) {
  const { stdout, stderr } = await run([...args, '--only', RULE, '--format', 'json'])
  return { output: stdout + stderr, findings: JSON.parse(stdout).findings as Found[] }
}

function repository(files: Record<string, string>): string {
  const root = folderWith(files)
  git(root, 'init', '-q')
  git(root, 'add', '-A')
  git(root, 'commit', '-qm', 'first')
  return root
}

describe(RULE, () => {
  const secret = `${randomText(20)}8k`
  const env = `DB_PASSWORD=${secret}\n`

  it('finds one secret in two repositories, once, and shows it nowhere', async () => {
    const shop = repository({ 'config/prod.env': env })
    const pay = repository({ '.env': env, 'src/a.py': `db_password = "${secret}"\n` })
    const { findings, output } = await audit(shop, '--repo', pay)
    expect(findings.map((each) => each.ruleId)).toEqual([RULE])
    expect(findings[0]?.message).toContain(`${pay} hold the same secret`)
    expect(output).not.toContain(secret)
    expect(JSON.stringify(findings)).toContain('src/a.py')

    const again = await audit(shop, '--repo', pay)
    expect(again.findings[0]?.fingerprint).toBe(findings[0]?.fingerprint)
    expect((await audit(shop)).findings).toEqual([])
  })
  it('finds one secret in two services of a repository, and none in one', async () => {
    const manifests = { 'api/package.json': '{}', 'web/package.json': '{}' }
    const both = repository({ ...manifests, 'api/.env': env, 'web/.env': env })
    expect((await audit(both)).findings.map((each) => each.message.split(' hold')[0])).toEqual(['api, web'])
    const one = repository({ ...manifests, 'api/.env': env, 'api/prod.env': env, 'deploy/prod.env': env })
    expect((await audit(one)).findings).toEqual([])
  })
})
