/** The proxy that the environment names for a server, by kubectl's rules: never for the machine itself. */
export function proxyFor(server: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!URL.canParse(server)) return undefined
  const { protocol, hostname } = new URL(server)
  if (hostname === 'localhost' || /^(?:127\.|\[::1\])/.test(hostname)) return undefined
  const proxy = protocol === 'https:' ? (env.HTTPS_PROXY ?? env.https_proxy) : (env.HTTP_PROXY ?? env.http_proxy)
  const exempt = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((host) => host.trim().replace(/^\*?\./, ''))
  const isExempt = exempt.some((host) => host === '*' || (host !== '' && `.${hostname}`.endsWith(`.${host}`)))
  return isExempt ? undefined : proxy || undefined
}
