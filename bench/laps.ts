/** A stopwatch: each lap prints its name, its time and what is said of it, and starts the next. */
export function stopwatch(): (name: string, note: string) => void {
  let [wall, cpu] = [performance.now(), process.cpuUsage()]
  return (name, note) => {
    const used = process.cpuUsage(cpu)
    const seconds = (performance.now() - wall) / 1000
    const cpuSeconds = (used.user + used.system) / 1e6
    console.log(`  ${name.padEnd(36)} ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU s  ${note}`)
    ;[wall, cpu] = [performance.now(), process.cpuUsage()]
  }
}
