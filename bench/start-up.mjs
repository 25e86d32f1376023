// What a single run costs: an answer to --version, and the scan of a small repository, next to peers. These do other work (zizmor
// reads workflows, gitleaks and secretlint secrets, semgrep one rule of our own making), so it is the start that is compared.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alternate, findProgram, ms, print } from './measure.mjs'
import { composeSmallRepository } from './small-repository.mjs'

const PRESET = JSON.stringify({ rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] })
const SEMGREP_RULE = `rules:
  - { id: password, languages: [generic], severity: WARNING, message: a password, pattern: password = $X }
`

/** Measures the start of our program and of those peers that are installed. */
export function startUp(program, scratch) {
  const empty = join(scratch, 'empty.mjs')
  writeFileSync(empty, '')
  const nothing = join(scratch, 'empty-repository')
  execFileSync('git', ['init', '-q', nothing])
  const small = composeSmallRepository(join(scratch, 'small-repository'))
  const [node, version, none, scan] = alternate([
    [process.execPath, empty],
    [...program, '--version'],
    [...program, nothing],
    [...program, small],
  ])
  print('empty node program', node)
  print('--version', version, `${ms(version.cpu - node.cpu)} over an empty node program`)
  print('scan of an empty repository', none)
  print('scan of a small repository', scan, `${(scan.cpu / node.cpu).toFixed(1)} times an empty node program`)
  for (const peer of peers(scratch)) {
    const command = findProgram(peer.name)
    if (!command) {
      console.log(`${peer.name.padEnd(36)} is not installed (PATH, BENCH_TOOLS)`)
      continue
    }
    const options = { cwd: small, env: peer.env }
    const [theirVersion] = alternate([[command, ...peer.version]], options)
    const [ours, theirs] = alternate(
      [
        [...program, '.'],
        [command, ...peer.scan],
      ],
      options,
    )
    print(`${peer.name} --version`, theirVersion, times(theirVersion.cpu / version.cpu))
    print(`${peer.name} on the small repository`, theirs, times(theirs.cpu / ours.cpu))
  }
}

function times(ratio) {
  return `${ratio.toFixed(ratio < 0.95 ? 2 : 1)} times the CPU of zt-audit`
}

/** How each is called so that it sends nothing and passes. */
function peers(scratch) {
  const rule = join(scratch, 'semgrep.yaml')
  writeFileSync(rule, SEMGREP_RULE)
  const offline = ['--metrics', 'off', '--disable-version-check', '--quiet']
  return [
    { name: 'gitleaks', version: ['version'], scan: ['dir', '.', '--no-banner', '--log-level', 'error'] },
    { name: 'zizmor', version: ['--version'], scan: ['--offline', '--no-exit-codes', '--quiet', '.'] },
    { name: 'secretlint', version: ['--version'], scan: ['--secretlintrcJSON', PRESET, '**/*'] },
    {
      name: 'semgrep',
      version: ['--version'],
      scan: ['scan', ...offline, '--config', rule, '.'],
      env: { SEMGREP_SEND_METRICS: 'off', SEMGREP_ENABLE_VERSION_CHECK: '0' },
    },
  ]
}
