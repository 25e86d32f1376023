/** Whether a CIDR block holds every address of IPv4 or IPv6. */
export function isEveryAddress(cidr: string): boolean {
  return /^(?:0\.0\.0\.0|::)\/0$/.test(cidr)
}
