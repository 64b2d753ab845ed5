/** How a field is found and known again in the grid, the form and the table. */

/** The element that edits a field. */
export const fieldId = (path: string): string => `field-${path}`

/** The class of a field's colour, by its place among the fields. Neighbours differ. */
export const hue = (order: number): string => `hue${order % 8}`

/** Is a field the one that is pointed at, or a part of it? */
export function isWithin(path: string, active: string | null): boolean {
  if (active === null || !path.startsWith(active)) return false
  return path.length === active.length || /[.[]/.test(path.charAt(active.length))
}
