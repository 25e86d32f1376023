/** How text is measured and wrapped for a terminal. */
export interface TextMeasure {
  /** Columns that a text takes; colours take none. */
  width(text: string): number
  /** Lines of at most so many columns, without blanks at their ends; longer words are broken only if `hard`. */
  wrap(text: string, columns: number, hard: boolean): string
}
