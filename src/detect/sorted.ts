/** Index of the last of ascending numbers that is not above a value; 0 if all of them are. */
export function indexAtOrBefore(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if ((ascending[middle] as number) <= value) low = middle
    else high = middle
  }
  return low
}
