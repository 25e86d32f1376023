/** Keeps the last answer about a path: many parts ask the same of one file after the other. */
export function ofLastPath<Answer>(answer: (path: string) => Answer): (path: string) => Answer {
  let last: { readonly path: string; readonly answer: Answer } | undefined
  return (path) => {
    if (last?.path !== path) last = { path, answer: answer(path) }
    return last.answer
  }
}
