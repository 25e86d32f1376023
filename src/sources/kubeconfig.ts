import { KubeConfig } from '@kubernetes/client-node'

/**
 * A kubeconfig, empty, of the official client. Loaded when a cluster is asked for; by its name alone, so that the bundle leaves out
 * the 3.7 MB of the client that nobody calls.
 */
export function createKubeConfig(): KubeConfig {
  return new KubeConfig()
}
