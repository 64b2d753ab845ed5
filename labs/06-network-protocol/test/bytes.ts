/** Bytes as lab 06 writes them, and refusals as it tells them. */

/** The limit that Apache's server sets when nobody sets another: `jute.maxbuffer`. */
export const usualLimit = 0xfffff

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** How a call was refused, in a word; a Todo goes on to who runs the test. */
export function refusal(error: unknown): string {
  const { name, message, code } = error as Error & { code?: unknown }
  if (name === 'Todo') throw error
  return name === 'KeeperError' && code === -5 ? 'refused' : `${name}: ${message}`
}
