// Peers that judge the RBAC of a cluster or of manifests: how each is called. None calls out but to the cluster.
import { join } from 'node:path'
import { findProgram } from '../measure.mjs'

/** The program of a peer; undefined (and said so) if it is not installed. */
export function peer(name) {
  const program = findProgram(name)
  if (!program) console.log(`${name} is not installed (on PATH, or in a folder of BENCH_TOOLS): left out`)
  return program
}

/**
 * What audits a cluster, with the exit codes that mean that it is done. rbac-police reads its policies from a clone that
 * RBAC_POLICE names; KubiScan is a clone in BENCH_TOOLS, for a python3 that has its requirements.
 */
export function clusterPeers(kubeconfig, scratch) {
  const env = { KUBECONFIG: kubeconfig }
  const found = []
  const add = (name, program, args, more = {}) => {
    const path = peer(program)
    if (path) found.push({ name, command: [path, ...args], codes: [0], env, ...more })
  }
  add('rbac-tool analysis', 'rbac-tool', ['analysis', '-o', 'json'])
  const report = ['--all-findings', '--output-format', 'json', '--output-dir', join(scratch, 'kubesplaining')]
  add('kubesplaining scan', 'kubesplaining', ['scan', '--kubeconfig', kubeconfig, ...report])
  if (process.env.RBAC_POLICE)
    add('rbac-police eval', 'rbac-police', ['eval', 'lib', '-a'], { cwd: process.env.RBAC_POLICE })
  const kubiscan = peer('KubiScan.py')
  if (kubiscan)
    found.push({ name: 'KubiScan -a', command: ['python3', kubiscan, '-k', kubeconfig, '-a'], codes: [0], env })
  return found
}

/** What audits a folder of manifests; each prints JSON. */
export function manifestPeers(folder) {
  const checkov = ['-d', folder, '--framework', 'kubernetes', '-o', 'json', '--quiet', '--compact', '--skip-download']
  return [
    { name: 'polaris', args: ['audit', '--audit-path', folder, '--format', 'json'], count: countPolaris },
    { name: 'checkov', args: [...checkov, '--soft-fail'], count: countCheckov },
  ]
}

/** Checks by name → how often each failed. */
function countPolaris(text) {
  const counts = {}
  const add = (results) => {
    for (const [check, { Success: passed }] of Object.entries(results ?? {}))
      if (!passed) counts[check] = (counts[check] ?? 0) + 1
  }
  for (const { Results, PodResult } of JSON.parse(text).Results) {
    add(Results)
    add(PodResult?.Results)
    for (const container of PodResult?.ContainerResults ?? []) add(container.Results)
  }
  return counts
}

function countCheckov(text) {
  const counts = {}
  for (const { check_id: check } of JSON.parse(text || '{}').results?.failed_checks ?? [])
    counts[check] = (counts[check] ?? 0) + 1
  return counts
}
