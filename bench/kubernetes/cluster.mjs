// A real API server (kube-apiserver and etcd, nothing runs) with thousands of roles, bindings and service accounts: how long zt-audit
// takes to audit it, live and from a dump, and where that goes; beside it, on the same server, the peers that are installed.
//   node bench/kubernetes/cluster.mjs [--roles N] [--bindings N] [--accounts N] [--workloads N] [--namespaces N] [--runs N] [--smoke]
//       [--manifests FOLDER …] [--peers] [--limit SECONDS] [--keep]
//     --manifests       install manifests whose accounts, roles, bindings and workloads are created, too
//     --peers           runs them, once each; who is not done after --limit (300 s) is ended
//     --keep            leaves the server running until Enter, its kubeconfig named
// Needs what test/live/install.sh installs, and kubectl for the dump.
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { importBundled, runBundled } from '../bundled.mjs'
import { findProgram, measureBeside, print } from '../measure.mjs'
import { composeCluster, fillCluster } from './compose-cluster.mjs'
import { readManifests } from './manifests.mjs'
import { clusterPeers } from './peers.mjs'
import { auditCommand, CODES } from './zt-audit.mjs'

const { values: options } = parseArgs({
  options: {
    roles: { type: 'string', default: '3000' },
    bindings: { type: 'string', default: '3000' },
    accounts: { type: 'string', default: '2000' },
    workloads: { type: 'string', default: '1500' },
    namespaces: { type: 'string', default: '100' },
    manifests: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string', default: '3' },
    limit: { type: 'string', default: '300' },
    peers: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
const SMOKE = { roles: 60, bindings: 60, accounts: 40, workloads: 20, namespaces: 4 }
const size = options.smoke ? SMOKE : Object.fromEntries(Object.keys(SMOKE).map((name) => [name, Number(options[name])]))
const runs = options.smoke ? 1 : Number(options.runs)
const DUMPED = [
  ...['namespaces', 'serviceaccounts', 'roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'pods'],
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'jobs', 'cronjobs', 'networkpolicies'],
]

const scratch = mkdtempSync(join(tmpdir(), 'zt-bench-'))
const { startKube } = await importBundled('test/live/servers/kube.ts')
const kube = await startKube()
try {
  await fill()
  const dump = await dumpCluster()
  const empty = join(scratch, 'empty')
  mkdirSync(empty)
  const live = ['--k8s', '--kubeconfig', kube.kubeconfig]
  for (let run = 0; run < runs; run++) await measured('zt-audit --k8s', auditCommand(empty, live))
  console.log('its parts:')
  await runBundled('bench/kubernetes/evaluate.ts', [kube.kubeconfig])
  if (dump) {
    for (let run = 0; run < runs; run++)
      await measured('zt-audit --k8s-dump', auditCommand(empty, ['--k8s-dump', dump]))
    console.log('its parts:')
    await runBundled('bench/kubernetes/evaluate.ts', [dump])
  }
  if (options.peers)
    for (const { name, command, codes, ...more } of clusterPeers(kube.kubeconfig, scratch))
      await measured(name, ['timeout', '-k', '5', options.limit, ...command], { codes: [...codes, 124, 137], ...more })
  if (options.keep) {
    const { caFile: ca, server, kubeconfig } = kube
    console.log(`${JSON.stringify({ kubeconfig, server, ca, dump })}; Enter ends it`)
    await createInterface({ input: process.stdin }).question('')
  }
} finally {
  await kube.stop()
  rmSync(scratch, { recursive: true, force: true })
}

async function fill() {
  const { token } = parse(readFileSync(kube.kubeconfig, 'utf8')).users[0].user
  const server = { url: kube.server, ca: readFileSync(kube.caFile), token }
  const start = performance.now()
  const composed = await fillCluster(server, [...composeCluster(size)])
  let real = 0
  for (const folder of options.manifests) real += await fillCluster(server, readManifests(folder))
  const took = (performance.now() - start) / 1000
  console.log(`${JSON.stringify(size)}: ${composed} objects, ${real} of manifests, made in ${took.toFixed(0)} s`)
}

/** What `zt-audit --k8s-dump` takes; undefined without kubectl. */
async function dumpCluster() {
  const kubectl = findProgram('kubectl')
  if (!kubectl) {
    console.log('kubectl is not installed (on PATH, or in a folder of BENCH_TOOLS): no dump')
    return undefined
  }
  const file = join(scratch, 'dump.json')
  const args = ['--kubeconfig', kube.kubeconfig, 'get', DUMPED.join(','), '-A', '-o', 'json']
  const text = execFileSync(kubectl, args, { maxBuffer: 2 ** 30 })
  await new Promise((resolve) => createWriteStream(file).end(text, resolve))
  console.log(`dump: ${(statSync(file).size / 2 ** 20).toFixed(0)} MiB`)
  return file
}

async function measured(name, command, { codes = CODES, cwd = scratch, env } = {}) {
  try {
    const used = await measureBeside(command, { cwd, codes, env })
    print(name, used, used.wall >= Number(options.limit) ? `ended after ${options.limit} s` : '')
  } catch (error) {
    console.log(`${name} failed: ${error.message}`)
  }
}
