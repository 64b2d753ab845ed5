/**
 * The four-letter words: what a person may type at a client port instead of speaking the protocol.
 * Source: Apache's FourLetterCommands.
 */
export const fourLetterWords = [
  'conf',
  'cons',
  'crst',
  'dirs',
  'dump',
  'envi',
  'gtmk',
  'hash',
  'isro',
  'mntr',
  'ruok',
  'srst',
  'srvr',
  'stat',
  'stmk',
  'wchc',
  'wchp',
  'wchs',
] as const

export type FourLetterWord = (typeof fourLetterWords)[number]

/** What arrives on a client port: a word, alone on its connection, or one frame after another. */
export type ClientMessage = { type: 'word'; word: FourLetterWord } | { type: 'frame'; bytes: Uint8Array }
