/** Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
const VALUE = /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?$/
const KEY = /^[\w./-]+$/

/** Whether a cluster will have a label's value as it is written: no API server takes `{{ .Values.level }}` or `${LEVEL}`. */
export function isResolved(value: string): boolean {
  return VALUE.test(value)
}

/** Whether that is so of all labels, as KEY=VALUE, and of their keys. */
export function areLabelsResolved(labels: readonly string[]): boolean {
  return labels.every((label) => {
    const at = label.indexOf('=')
    return KEY.test(label.slice(0, at)) && isResolved(label.slice(at + 1))
  })
}

/** The requirements of a selector in kubectl's syntax (`a=b,c in (d,e),!f`), each as it is written. */
export function splitSelector(selector: string): string[] {
  return selector.match(/[^,()]+(?:\([^)]*\))?/g) ?? []
}
