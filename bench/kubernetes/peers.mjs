export function clusterPeers() {
  return []
}
