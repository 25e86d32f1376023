/** The requirements of a selector in kubectl's syntax (`a=b,c in (d,e),!f`), each as it is written. */
export function splitSelector(selector: string): string[] {
  return selector.match(/[^,()]+(?:\([^)]*\))?/g) ?? []
}
