/** A choice as the address of the page has it: a link can ask for one, and each new one is written there. */
import { useLocation } from '@docusaurus/router'
import { useEffect, useState } from 'react'

export interface Addressing<Choice> {
  opening: Choice
  toHash(choice: Choice): string
  /** Null when the address says nothing that can be chosen. */
  fromHash(hash: string): Choice | null
}

export function useAddress<Choice>({
  opening,
  toHash,
  fromHash,
}: Addressing<Choice>): [Choice, (choice: Choice) => void] {
  const { hash } = useLocation()
  const [choice, setChoice] = useState(opening)
  useEffect(() => setChoice(fromHash(hash) ?? opening), [hash, opening, fromHash])
  return [
    choice,
    chosen => {
      setChoice(chosen)
      window.history.replaceState(window.history.state, '', toHash(chosen))
    },
  ]
}
