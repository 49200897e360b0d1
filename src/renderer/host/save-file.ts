/** Downloads bytes under a name. In the desktop the same download opens the system's save dialog. */
export function saveFile(name: string, bytes: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = name
  link.click()
  // The browser has begun reading by the next turn; without this the bytes stay in memory until the page is left.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
