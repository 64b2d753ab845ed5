/** What one turns on the pages that move: a slider, and choices of which one holds. */
import { type ReactNode, useId } from 'react'
import styles from './controls.module.css'

export function Controls({ children }: { children: ReactNode }): ReactNode {
  return <div className={styles.controls}>{children}</div>
}

interface SliderProps {
  label: ReactNode
  min: number
  max: number
  value: number
  onChoice(value: number): void
}

export function Slider({ label, min, max, value, onChoice }: SliderProps): ReactNode {
  const id = useId()
  return (
    <div className={styles.slider}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        value={value}
        onChange={({ target }) => onChoice(Number(target.value))}
      />
    </div>
  )
}

interface OptionsProps<T extends string> {
  legend: string
  options: readonly T[]
  chosen: T
  nameOf(option: T): string
  onChoice(option: T): void
}

export function Options<T extends string>({
  legend,
  options,
  chosen,
  nameOf,
  onChoice,
}: OptionsProps<T>): ReactNode {
  const name = useId()
  return (
    <fieldset className={styles.options}>
      <legend>{legend}</legend>
      {options.map(option => (
        <label key={option}>
          <input type="radio" name={name} checked={option === chosen} onChange={() => onChoice(option)} />
          {nameOf(option)}
        </label>
      ))}
    </fieldset>
  )
}
